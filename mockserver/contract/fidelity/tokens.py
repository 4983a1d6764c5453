"""Bearer tokens, and what each may do."""

from mockserver.contract.fidelity.row import ONE_REPORT, PAGE_OF_2024, TWO_REPORTS, assumed, documented, reported

ROWS = (
    documented(
        "tokens.bearer",
        "Operations require a bearer token: `Authorization: Bearer TOKEN`.",
        (PAGE_OF_2024,),
        check="GET the list without a token: a 401; with one: a 200.",
    ),
    assumed(
        "tokens.everywhere",
        "Everything under `/v1` except `GET /v1/` requires one. Without it, an unknown route is a 401, not a 404.",
        check="GET `/v1/login` and an unknown route without a token.",
    ),
    assumed(
        "tokens.malformed",
        "No token, an empty one, one with a space in it, another scheme, or two headers: each is a 401.",
        check="GET the list with each of these.",
    ),
    assumed(
        "tokens.accepted",
        "Any token is accepted, unless the server is started with a list of tokens. A project's own token is "
        "always accepted.",
        emulator_only="The service has accounts; the emulator has none.",
    ),
    reported(
        "tokens.missing-permission",
        "A token without the operation's permission gets a 401, not a 403, with the `id` `nf-missing-permission` and a "
        'message that contains "does not have permission". By default a token has all.',
        (TWO_REPORTS,),
        check="GET the list with a token that lacks its permission: status and message.",
    ),
    reported(
        "tokens.required-permission",
        "Its `details.requiredPermission` is the key of the permission: `ps_`, its area, group and action.",
        (ONE_REPORT,),
        check="GET the list with a token that lacks its permission: `details`.",
    ),
    assumed(
        "tokens.own-project",
        "The token of a project created over the control plane sees only that project; all others are a 404.",
        check="With a token that is restricted to one project, GET a list of another one, and list the projects.",
    ),
    assumed(
        "tokens.other",
        "Any other token lists the projects that the server started with, and reaches every project by id.",
        emulator_only="The service has accounts; the emulator has none.",
    ),
)
