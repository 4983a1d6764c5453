# The emulator in a shell script: source this file. It needs curl, and Node, which the command line brings.
# The server that it asks is NORTHFLANK_MOCK_URL, or http://127.0.0.1:8080.

: "${NORTHFLANK_MOCK_URL:=http://127.0.0.1:8080}"

# mock_ask METHOD PATH [BODY]: asks the control plane; the path goes on from /_mock
mock_ask() {
  local url=$NORTHFLANK_MOCK_URL/_mock$2 answer
  if ! answer=$(curl -s --fail-with-body -X "$1" "$url" ${3:+--data "$3"}); then
    answer=$(mock_read it.error.message <<<"$answer" 2>/dev/null) || answer="no emulator answers there"
    echo "mock: $1 $url: $answer" >&2
    return 1
  fi
  echo "$answer"
}

# mock_read EXPRESSION: of the JSON on standard input, which is `it`; fails where there is none
mock_read() {
  node -e '
    const text = require("fs").readFileSync(0, "utf8").trim();
    if (!text) process.exit(1);
    console.log(new Function("it", `return (${process.argv[1]})`)(JSON.parse(text)));
  ' -- "$1"
}

# mock_project [BODY]: makes a project, as '{"scenario": "many"}'; its PROJECT_ID, ADDON_ID, BACKUP_ID and TOKEN. If BODY
# has no projectId, the id begins with the scenario's name and is unique on every server
mock_project() {
  local body made
  body=$(mock_read "JSON.stringify({
    projectId: (String(it?.scenario ?? 'default').toLowerCase().slice(0, 89) + '-' +
      Buffer.from(crypto.getRandomValues(new Uint8Array(5))).toString('hex'))
      .replace(/[^a-z0-9]+/g, '-').replace(/^-/, ''),
    ...it,
  })" <<<"${1:-null}" 2>/dev/null) || body=${1:-} # not JSON, which the server explains
  made=$(mock_ask POST /projects "$body") || return
  PROJECT_ID=$(mock_read it.projectId <<<"$made")
  ADDON_ID=$(mock_read it.addonId <<<"$made")
  BACKUP_ID=$(mock_read it.backupId <<<"$made")
  TOKEN=$(mock_read it.token <<<"$made")
}

# mock_clock BODY: as '{"mode": "frozen", "now": "2024-07-01T12:00:00Z"}'; mock_advance DURATION: as PT5M
mock_clock() { mock_ask PUT "/projects/$PROJECT_ID/clock" "$1" | mock_read it.now; }
mock_advance() { mock_ask POST "/projects/$PROJECT_ID/clock/advance" "{\"by\": \"$1\"}" | mock_read it.now; }

# mock_fault BODY: as '{"page": 2, "times": 1, "fault": {"kind": "status", "status": 503}}'; mock_clear ends them all
mock_fault() { mock_ask POST "/projects/$PROJECT_ID/faults" "$1" | mock_read it.id; }
mock_clear() { mock_ask DELETE "/projects/$PROJECT_ID/faults" >/dev/null; }

# mock_assert_walk [VERDICT]: fails unless there was a walk, and every one was so
mock_assert_walk() {
  local verdict=${1:-complete} verdicts='complete abandoned skipped looped overran mixed poll' walks dropped wrong
  [[ " $verdicts " == *" $verdict "* ]] || { echo "mock: no verdict $verdict: they are $verdicts" >&2; return 1; }
  walks=$(mock_ask GET "/projects/$PROJECT_ID/walks") || return
  dropped=$(mock_read it.dropped <<<"$walks") || return
  if [ "$dropped" != 0 ]; then
    echo "mock: expected a walk that is $verdict, and the journal dropped $dropped of the first calls," \
      "so the walk's beginning is unknown: use larger pages, or reset the project" >&2
    return 1
  fi
  wrong=$(mock_read "
    it.walks.length === 0 ? 'there was no walk' : it.walks.filter(walk => walk.verdict !== '$verdict')
      .map(walk => 'it is ' + walk.verdict + ', ' + walk.explanation).join('; ')
  " <<<"$walks") || return
  [ -z "$wrong" ] && return
  echo "mock: expected a walk that is $verdict: $wrong" >&2
  mock_ask GET "/projects/$PROJECT_ID/requests" | mock_read "
    it.requests.map(call =>
      '  ' + [call.status, call.method, call.path, call.query].join(' ')).join('\n') || '  no call came'
  " >&2
  return 1
}
