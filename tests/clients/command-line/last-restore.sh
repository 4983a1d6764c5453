#!/usr/bin/env bash
# An example of a script under test: prints the status of a backup's newest restore, and fails unless it completed.
# Needs HOST, TOKEN, PROJECT_ID, ADDON_ID and BACKUP_ID.
set -euo pipefail

# the login exits with 0 even if the token is rejected, so check its output
login=$(northflank login --name pipeline --override --host "$HOST" --token "$TOKEN" 2>&1)
[[ $login == *"Successfully logged in"* ]] || { echo "$login" >&2; exit 1; }

# with -o json the command reads every page, and prints errors on standard error
restores=$(northflank get addon backup restores -o json \
  --projectId "$PROJECT_ID" --addonId "$ADDON_ID" --backupId "$BACKUP_ID")

node -e '
  const { restores } = JSON.parse(require("fs").readFileSync(0));
  const status = restores[0]?.status ?? "none";
  console.log(`${restores.length} restores, the newest: ${status}`);
  process.exitCode = status === "completed" ? 0 : 1;
' <<<"$restores"
