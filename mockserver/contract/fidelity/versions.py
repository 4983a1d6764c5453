"""What differs under the contract of 2026."""

from mockserver.contract.fidelity.row import DOCS_OF_2026, assumed, documented
from mockserver.contract.versions import Contract

ROWS = (
    documented(
        "versions.id",
        "A restore's `id` is a string of 24 hexadecimal digits, an ObjectId.",
        (DOCS_OF_2026,),
        check="The ids of every page.",
        contract=Contract.V2026,
    ),
    assumed(
        "versions.id-form",
        "A restore may be given one. Else its first 8 digits are the seconds, the next 3 the milliseconds, the others "
        "a hash of both.",
        emulator_only="It says how the emulator makes ids that it was not given.",
        contract=Contract.V2026,
    ),
    documented(
        "versions.example",
        "The vendor's example response is served to the byte, by the scenario `example`.",
        (DOCS_OF_2026,),
        emulator_only="It is the emulator's own scenario.",
        contract=Contract.V2026,
    ),
    documented(
        "versions.source",
        "`sourceProjectId` and `sourceAddonId` are for a backup that belongs to another project.",
        (DOCS_OF_2026,),
        check="GET the list with both naming the backup's project and addon.",
        contract=Contract.V2026,
    ),
    assumed(
        "versions.source-path",
        "Either or both replace the path's ids when the backup is looked up; the project and the addon in the path "
        "must exist too.",
        check="`sourceProjectId` and `sourceAddonId` with an unknown project, or addon, in the path: a 404.",
        contract=Contract.V2026,
    ),
    assumed(
        "versions.source-2024",
        "In 2024 these two are unknown parameters, and ignored.",
        check="`sourceProjectId` with an unknown project: the same response as without it.",
        contract=Contract.V2024,
    ),
)
