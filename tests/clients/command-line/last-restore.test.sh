#!/usr/bin/env bash
# Tests last-restore.sh against the emulator: `bash last-restore.test.sh`
set -euo pipefail
cd "$(dirname "$0")"
source northflank-mock.sh

HOME=$(mktemp -d) # the command line stores its contexts there: keep them apart from yours and other tests'
trap 'rm -rf "$HOME"' EXIT
HOST=$NORTHFLANK_MOCK_URL
export HOME HOST PROJECT_ID ADDON_ID BACKUP_ID TOKEN

expect() { # expect passes|fails TEXT: runs the script, and checks its exit code and output
  local result=passes output
  output=$(bash last-restore.sh 2>&1) || result=fails
  [[ "$result $output" == "$1 "*"$2"* ]] || { echo "expected: $1, $2; got: $result, $output" >&2; exit 1; }
  echo "it $1: $2"
}

mock_project '{"scenario": "single"}'
expect passes '1 restores, the newest: completed'

# reads every page
mock_project '{"scenario": "many", "restores": 120}'
expect fails '120 restores, the newest: aborted'
mock_assert_walk complete

# a restore that completes after five minutes
mock_project '{"scenario": "lifecycle", "clock": {"mode": "frozen", "now": "2024-07-01T12:00:00Z"}}'
expect fails 'the newest: scheduled'
mock_advance PT5M
expect passes 'the newest: completed'

# a page that fails ends the script with an error
mock_project '{"scenario": "many", "restores": 120}'
mock_fault '{"page": 2, "times": 1, "fault": {"kind": "status", "status": 503, "message": "busy"}}'
expect fails 'Message: busy (HTTP status code: 503'
mock_assert_walk abandoned

# a token that may not list restores
mock_project '{"permissions": ["Project > Projects > Manage > Read"]}'
expect fails 'HTTP status code: 401'
