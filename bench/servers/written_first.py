"""What a developer would write instead: FastAPI and SQLModel, as in their tutorials."""

import json
import os
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Query
from sqlmodel import Field, Session, SQLModel, col, create_engine, select

FOLDER = Path(os.environ["BENCH_MATERIAL"])


class Restore(SQLModel, table=True):
    """One restore of a backup."""

    id: int = Field(primary_key=True)
    backup_id: str = Field(index=True, exclude=True)
    restoreTimestamp: str
    status: str
    completedAt: str | None = None


engine = create_engine(f"sqlite:///{FOLDER / 'written-first.db'}")
SQLModel.metadata.create_all(engine)
with Session(engine) as new:
    for restore in json.loads((FOLDER / "restores.json").read_text()):
        new.merge(Restore(backup_id="example-backup", **restore))
    new.commit()
app = FastAPI()


@app.get("/v1/projects/{project_id}/addons/{addon_id}/backups/{backup_id}/restores", response_model_exclude_none=True)
def list_restores(
    project_id: str,  # noqa: ARG001 - a mock written in an hour uses only the backup id
    addon_id: str,  # noqa: ARG001 - the same
    backup_id: str,
    per_page: Annotated[int, Query(ge=1, le=100)] = 50,
    page: Annotated[int, Query(ge=1)] = 1,
) -> dict[str, dict[str, object]]:
    statement = select(Restore).where(Restore.backup_id == backup_id).order_by(col(Restore.id).desc())
    with Session(engine) as session:
        rows = session.exec(statement.offset((page - 1) * per_page).limit(per_page + 1)).all()
        listed = rows[:per_page]
        pagination: dict[str, object] = {"hasNextPage": len(rows) > per_page, "count": len(listed)}
        return {"data": {"restores": listed}, "pagination": pagination}
