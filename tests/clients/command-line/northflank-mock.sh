# Functions to test a script against the emulator; source this file. It needs curl and Node.
# The emulator is at NORTHFLANK_MOCK_URL, by default http://127.0.0.1:8080.

: "${NORTHFLANK_MOCK_URL:=http://127.0.0.1:8080}"

# mock_request METHOD PATH [BODY]: sends a request to the control plane; PATH is relative to /_mock
mock_request() {
  local url=$NORTHFLANK_MOCK_URL/_mock$2 response
  if ! response=$(curl -s --fail-with-body -X "$1" "$url" ${3:+--data "$3"}); then
    response=$(mock_read it.error.message <<<"$response" 2>/dev/null) || response="no emulator responds there"
    echo "mock: $1 $url: $response" >&2
    return 1
  fi
  echo "$response"
}

# mock_read EXPRESSION: evaluates JavaScript in which `it` is the JSON on standard input; fails if there is none
mock_read() {
  node -e '
    const text = require("fs").readFileSync(0, "utf8").trim();
    if (!text) process.exit(1);
    console.log(new Function("it", `return (${process.argv[1]})`)(JSON.parse(text)));
  ' -- "$1"
}

# mock_project [BODY]: creates a project with options such as '{"scenario": "many"}', and sets PROJECT_ID, ADDON_ID,
# BACKUP_ID and TOKEN. The default projectId begins with the scenario's name and is unique across servers.
mock_project() {
  local body created
  body=$(mock_read "JSON.stringify({
    projectId: (String(it?.scenario ?? 'default').toLowerCase().slice(0, 89) + '-' +
      Buffer.from(crypto.getRandomValues(new Uint8Array(5))).toString('hex'))
      .replace(/[^a-z0-9]+/g, '-').replace(/^-/, ''),
    ...it,
  })" <<<"${1:-null}" 2>/dev/null) || body=${1:-} # not JSON: the server says so
  created=$(mock_request POST /projects "$body") || return
  PROJECT_ID=$(mock_read it.projectId <<<"$created")
  ADDON_ID=$(mock_read it.addonId <<<"$created")
  BACKUP_ID=$(mock_read it.backupId <<<"$created")
  TOKEN=$(mock_read it.token <<<"$created")
}

# mock_clock BODY: sets the clock, for example to '{"mode": "frozen", "now": "2024-07-01T12:00:00Z"}'
# mock_advance DURATION: advances the clock, for example by PT5M
mock_clock() { mock_request PUT "/projects/$PROJECT_ID/clock" "$1" | mock_read it.now; }
mock_advance() { mock_request POST "/projects/$PROJECT_ID/clock/advance" "{\"by\": \"$1\"}" | mock_read it.now; }

# mock_fault BODY: adds a fault, such as '{"page": 2, "times": 1, "fault": {"kind": "status", "status": 503}}'
# mock_clear: deletes all faults
mock_fault() { mock_request POST "/projects/$PROJECT_ID/faults" "$1" | mock_read it.id; }
mock_clear() { mock_request DELETE "/projects/$PROJECT_ID/faults" >/dev/null; }

# mock_assert_walk [VERDICT]: fails unless there is a walk and all walks have this verdict, by default complete
mock_assert_walk() {
  local verdict=${1:-complete} walks dropped wrong
  local verdicts='complete repeated abandoned skipped looped overran mixed poll'
  if [[ " $verdicts " != *" $verdict "* ]]; then
    echo "mock: unknown verdict $verdict: expected one of $verdicts" >&2
    return 1
  fi
  walks=$(mock_request GET "/projects/$PROJECT_ID/walks") || return
  dropped=$(mock_read it.dropped <<<"$walks") || return
  if [ "$dropped" != 0 ]; then
    echo "mock: expected walk verdict \"$verdict\", but the journal dropped $dropped of the first requests," \
      "so the start of the walk is unknown: use larger pages, or reset the project" >&2
    return 1
  fi
  wrong=$(mock_read "
    it.walks.length === 0 ? 'got no walk' : it.walks.filter(walk => walk.verdict !== '$verdict')
      .map(walk => 'got \"' + walk.verdict + '\": ' + walk.explanation).join('; ')
  " <<<"$walks") || return
  [ -z "$wrong" ] && return
  echo "mock: expected walk verdict \"$verdict\", $wrong" >&2
  mock_request GET "/projects/$PROJECT_ID/requests" | mock_read "
    it.requests.map(record =>
      '  ' + [record.status, record.method, record.path, record.query].join(' ')).join('\n') ||
      '  the project received no request'
  " >&2
  return 1
}
