"""Responses that are not a success."""

from mockserver.contract.fidelity.row import (
    CLI,
    JS_CLIENT,
    ONE_REPORT,
    PYTHON_CLIENT,
    THREE_REPORTS,
    TWO_REPORTS,
    assumed,
    observed,
    reported,
)

ROWS = (
    observed(
        "errors.body",
        'Every error has the body `{"error": {"status", "message", "id", "details"}}`; clients read these four.',
        (JS_CLIENT, CLI, PYTHON_CLIENT, TWO_REPORTS),
        check="The keys of every error, and their types.",
    ),
    observed(
        "errors.json",
        "Every error is `application/json`: the JavaScript client throws on a body that is not JSON.",
        (JS_CLIENT,),
        check="The content type of every error.",
    ),
    assumed(
        "errors.details",
        "`details` is present only if it adds something, such as the name of the invalid parameter.",
        check="Every error: `details` is absent, or an object that is not empty.",
    ),
    reported(
        "errors.id",
        "`id` is a code for the kind of error, the same for each error of that kind: `nf-` and words.",
        (ONE_REPORT, CLI),
        check="The form of the `id` of every error; two errors of one kind have the same.",
    ),
    assumed(
        "errors.ids",
        "The codes are `nf-unauthorized`, `nf-invalid-query`, `nf-not-found`, `nf-method-not-allowed`, `nf-conflict`, "
        "`nf-rate-limited`, and for what only the emulator has `nf-too-large`, `nf-invalid-request`, `nf-internal`, "
        "`nf-store-full`, `nf-store-damaged` and `nf-shutting-down`.",
        check="The `id` of each error that comes.",
    ),
    reported(
        "errors.invalid-body-id",
        "An invalid body is a 400 with the `id` `nf-invalid-request-body`.",
        (ONE_REPORT,),
        check="Abort a restore without `restoreId`.",
    ),
    reported(
        "errors.invalid-body-message",
        "Its message is `Request failed payload validation - see details`.",
        (TWO_REPORTS,),
        check="Abort a restore without `restoreId`.",
    ),
    reported(
        "errors.invalid-body-details",
        "Its `details` have a list of messages for each field that is wrong; `body` is the whole of it.",
        (THREE_REPORTS,),
        check="Abort a restore without `restoreId`: a list of strings for it.",
    ),
    assumed(
        "errors.invalid-query-details",
        "The `details` of an invalid query parameter have the same form: a list of messages for it.",
        check="`per_page=0`: a list of strings for `per_page`.",
    ),
    assumed(
        "errors.request-id",
        "Every response has `x-request-id`: it names this one response, and finds its entry in the journal.",
        check="Every response has it, and no two the same.",
    ),
    assumed(
        "errors.precedence",
        "If several errors apply, the response is the first of 401, 400, 404, 409, 429.",
        check="A request with several mistakes at once, for each two of 401, 400 and 404.",
    ),
    assumed(
        "errors.method-precedence",
        "405 takes precedence over all of these except 401.",
        check="GET a route that only has POST, without a token and with an unknown id.",
    ),
    assumed(
        "errors.allow",
        "405 carries `Allow`.",
        check="GET a route that only has POST.",
    ),
    assumed(
        "errors.challenge",
        "401 carries `WWW-Authenticate: Bearer`.",
        check="Every 401.",
    ),
    assumed(
        "errors.not-found",
        "A 404 says what does not exist: the project, the addon, the backup, the restore, or the route.",
        check="Each id misspelt, and an unknown route: the message names it.",
    ),
    assumed(
        "errors.trailing-slash",
        "A path with a trailing slash is a different route, and a 404.",
        check="GET the list with a slash at its end.",
    ),
    assumed(
        "errors.not-http",
        "A request that is not valid HTTP/1.1 is a 400 with the same body.",
        emulator_only="What stands in front of the service responds to it, and no client sends it.",
    ),
    assumed(
        "errors.too-large",
        "Input over the emulator's own limits is a 413 (body), 414 (request line) or 431 (headers).",
        emulator_only="The limits are the emulator's own.",
    ),
    assumed(
        "errors.encoded-slash",
        "`%2F` in a path is part of an id, not a slash: a 404.",
        check="The backup's id with `%2F` in it.",
    ),
    assumed(
        "errors.upgrade",
        "An offer to upgrade the connection is ignored, and the request is served as HTTP/1.1.",
        check="GET the list with `Connection: Upgrade` and `Upgrade: h2c`.",
    ),
    assumed(
        "errors.store",
        "If the emulator's own store is full the error is a 507, and if it is damaged a 500.",
        emulator_only="The store is the emulator's own.",
    ),
    assumed(
        "errors.internal",
        "A bug in the emulator is a 500 with the same body, without a traceback.",
        emulator_only="No request is known that meets a bug.",
    ),
)
