"""The rate limit."""

from mockserver.contract.fidelity.row import DOCS_OF_2026, assumed, documented

ROWS = (
    documented(
        "rate-limit.limit",
        "The limit is 1,000 requests per hour and account.",
        (DOCS_OF_2026,),
        check="`x-ratelimit-limit` is 1000, and `x-ratelimit-reset` at most 3600.",
    ),
    assumed(
        "rate-limit.window",
        "Each token is an account. Its hour begins with its first request, by the machine's clock.",
        check="Two tokens count apart; the reset of a new token is the whole hour.",
    ),
    documented(
        "rate-limit.headers",
        "Responses carry `x-ratelimit-limit`, `x-ratelimit-remaining` and `x-ratelimit-reset`.",
        (DOCS_OF_2026,),
        check="Every 200; the remaining requests go down by one.",
    ),
    assumed(
        "rate-limit.every-response",
        "Every response under `/v1` carries them, errors too; the reset is in whole seconds, rounded up.",
        check="Every response.",
    ),
    assumed(
        "rate-limit.unused",
        "A 401 and `GET /v1/` report an unused limit, and count for no token.",
        check="Their headers, and those of the next request with a token.",
    ),
    assumed(
        "rate-limit.enforced",
        "Requests are always counted. The limit is enforced, with a 429, only if a setting says so.",
        emulator_only="The setting is the emulator's own.",
    ),
    assumed(
        "rate-limit.retry-after",
        "A 429 carries `Retry-After`, in seconds.",
        check="Every 429, if one comes.",
    ),
)
