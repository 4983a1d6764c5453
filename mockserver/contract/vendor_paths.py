"""Which paths the vendor's API has beside those that are emulated, as @northflank/js-client 0.9.5 knows them."""

import re

_NAMES = {
    "": """
        addon-types backup-destinations billing cloud-providers command-exec directory-groups dns-id domains egress-ips
        gradual-rollout-strategies integrations load-balancers org-members org-roles plans port-forwarding regions
        secrets tags templates
    """,
    "projects/[^/]+/": """
        external-addons jobs llm-model-deployments pipelines preview-blueprints secrets services volumes workflows
    """,
    "projects/[^/]+/addons/[^/]+/": """
        backup-schedules containers credentials import network-settings pause reset restart resume scale security
        version
    """,
    "projects/[^/]+/addons/[^/]+/backups/[^/]+/": "abort download-link retain",
}
"""What follows these beginnings of a path, with everything below it."""

_PATTERNS = [
    "projects/[^/]+(/addons/[^/]+)?",
    "teams(/[^/]+)?",
    *(f"{beginning}({'|'.join(names.split())})(/.+)?" for beginning, names in _NAMES.items()),
]
_PATH = re.compile(rf"/v1/(teams/[^/]+/)?({'|'.join(_PATTERNS)})")


def is_vendors(path: str) -> bool:
    """Whether a path that is not emulated is one of the vendor's."""
    return _PATH.fullmatch(path) is not None
