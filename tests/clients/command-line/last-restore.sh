#!/usr/bin/env bash
# The script under test, as a step of your pipeline may be: says how the newest restore of a backup went, and fails
# unless it completed. Needs HOST, TOKEN, PROJECT_ID, ADDON_ID and BACKUP_ID.
set -euo pipefail

# a login exits with 0 even where the token is bad: what counts is what it says
login=$(northflank login --name pipeline --override --host "$HOST" --token "$TOKEN" 2>&1)
[[ $login == *"Successfully logged in"* ]] || { echo "$login" >&2; exit 1; }

# for a program (-o json) it reads every page, and says on standard error what went wrong
restores=$(northflank get addon backup restores -o json \
  --projectId "$PROJECT_ID" --addonId "$ADDON_ID" --backupId "$BACKUP_ID")

node -e '
  const { restores } = JSON.parse(require("fs").readFileSync(0));
  const status = restores[0]?.status ?? "none";
  console.log(`${restores.length} restores, the newest: ${status}`);
  process.exitCode = status === "completed" ? 0 : 1;
' <<<"$restores"
