"""Pages and cursors."""

from mockserver.contract.fidelity.row import (
    CLIENT_GUIDE,
    JS_CLIENT,
    PAGE_OF_2024,
    PYTHON_CLIENT,
    assumed,
    documented,
    observed,
)

ROWS = (
    documented(
        "pages.per-page",
        "`per_page` is an integer of at most 100.",
        (PAGE_OF_2024,),
        check="`per_page=2` gives two restores; `per_page=101` is a 400.",
    ),
    documented(
        "pages.per-page-default",
        "`per_page` defaults to 50, according to the vendor's guide to its client.",
        (CLIENT_GUIDE,),
        check="GET a list of more than 50 restores without `per_page`.",
    ),
    assumed(
        "pages.per-page-form",
        "`per_page` below 1 is a 400, as is anything but ASCII digits: a sign, a decimal point, a space.",
        check="`per_page` with 0, -1, +1, 1.5, a space, letters and other digits.",
    ),
    documented(
        "pages.page",
        "`page` is an integer, the number of the page to access.",
        (PAGE_OF_2024,),
        check="`page=1` and `page=2` give the first and the next restores.",
    ),
    assumed(
        "pages.page-range",
        "`page` is at least 1, the default, and at most 1,000,000,000; anything else is a 400.",
        check="`page` with 0, -1, 1.5, letters, 1000000000 and 1000000001.",
    ),
    assumed(
        "pages.leading-zeros",
        "Leading zeros in `per_page` and `page` are accepted.",
        check="`per_page=007` and `page=01`.",
    ),
    assumed(
        "pages.past-end",
        "A page past the end is a 200 with no restores and `hasNextPage` false.",
        check="GET the page behind the last one, and one far behind it.",
    ),
    documented(
        "pages.cursor",
        "`cursor` is a string from the response of the page before.",
        (PAGE_OF_2024,),
        check="A cursor gives the restores that follow its page.",
    ),
    observed(
        "pages.cursor-wins",
        "A cursor takes precedence over `page`: the official SDKs keep sending the first request's `page`.",
        (JS_CLIENT, PYTHON_CLIENT),
        check="A cursor with `page=1` gives the same page as without it.",
    ),
    assumed(
        "pages.bad-page-beside-cursor",
        "An invalid `page` or `per_page` is a 400 even if the cursor is valid.",
        check="A valid cursor with `page=0`, and with `per_page=0`.",
    ),
    observed(
        "pages.cursor-alphabet",
        "A cursor consists of `A-Z a-z 0-9 - _`: the JavaScript client does not URL-encode it.",
        (JS_CLIENT,),
        check="Every cursor received.",
    ),
    assumed(
        "pages.cursor-is-position",
        "A cursor is a position, not an offset: if restores are inserted or deleted during a walk, the rest of it "
        "neither repeats nor skips one.",
        check="Start a restore after page 1: page 2 by cursor is the same as before.",
    ),
    assumed(
        "pages.cursor-of-list",
        "A cursor is valid in the list that issued it. A cursor of another list or an altered one is a 400.",
        check="An invented cursor, an altered one, and one of another backup.",
    ),
    assumed(
        "pages.cursor-stable",
        "A cursor does not expire and survives a restart; the same request gives the same cursor.",
        check="The same request twice, and the first cursor again at the end.",
    ),
    assumed(
        "pages.per-page-may-change",
        "`per_page` may change from page to page.",
        check="A cursor with another `per_page` than its page had.",
    ),
    assumed(
        "pages.numbered-page-cursor",
        "A page requested by number also returns a cursor, which continues from its end.",
        check="`page=2` has a cursor, which gives page 3.",
    ),
    documented(
        "pages.has-next-page",
        "`pagination.hasNextPage` is a boolean and always present.",
        (PAGE_OF_2024,),
        check="Every 200 of a list.",
    ),
    assumed(
        "pages.full-last-page",
        "If the last restore fills the page exactly, `hasNextPage` is false.",
        check="The last page of a walk with `per_page=1`.",
    ),
    observed(
        "pages.cursor-absent",
        "`pagination.cursor` is present if there is a next page; otherwise the key is absent, never null: with "
        "null, the JavaScript client's `all()` would loop forever.",
        (JS_CLIENT,),
        check="Every 200 of a list, the last page among them.",
    ),
    documented(
        "pages.count",
        "`pagination.count` is the number of results in this response.",
        (PAGE_OF_2024,),
        check="Every 200 of a list.",
    ),
    assumed(
        "pages.repeated-parameter",
        "A repeated parameter is a 400.",
        check="`per_page=1&per_page=1`.",
    ),
    assumed(
        "pages.empty-parameter",
        "An empty parameter is a 400.",
        check="`per_page=`, `page=` and `cursor=`.",
    ),
    assumed(
        "pages.unknown-parameter",
        "An unknown parameter is ignored, and recorded in the journal.",
        check="A parameter that nobody knows: the same response as without it.",
    ),
)
