"""The plot: requests per second as bars, each with its share of the floor. Readable in light and dark mode."""

from html import escape
from statistics import median

from bench.checkouts import OURS
from bench.figures import Results
from bench.load_tables import fastest_first, of_floor

WIDTH, LABELS, FIGURES, BAR, GAP, TOP, BOTTOM = 760, 180, 190, 22, 12, 44, 34

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600 }
.note { fill: #57606a }
.bar { fill: #8c959f } .ours { fill: #1f6feb }
line { stroke: #24292f; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .note { fill: #9da7b1 }
  .bar { fill: #6e7681 } .ours { fill: #58a6ff }
  line { stroke: #e6edf3 }
}"""


def plot(results: Results) -> str:
    """The load of one run as an SVG document: bars to the median, lines from the least to the most."""
    names = fastest_first(results)
    rates = {name: [sample.requests_per_second for sample in results.load[name]] for name in names}
    longest = max(max(values) for values in rates.values())
    scale = (WIDTH - LABELS - FIGURES) / longest
    machine = results.machine
    title = f"Requests a second, a page of 50 restores, {machine.connections} connections"
    parts = [f'<text class="title" x="0" y="20">{title}</text>']
    for row, name in enumerate(names):
        y, middle = TOP + row * (BAR + GAP), median(rates[name])
        low, high = (LABELS + scale * value for value in (min(rates[name]), max(rates[name])))
        share = median(of_floor(results, name, lambda sample: sample.requests_per_second))
        kind = "bar ours" if name.startswith(OURS) else "bar"
        parts += [
            f'<text x="{LABELS - 10}" y="{y + 16}" text-anchor="end">{escape(name)}</text>',
            f'<rect class="{kind}" x="{LABELS}" y="{y}" width="{max(1, scale * middle):.1f}" height="{BAR}" rx="2"/>',
            f'<line x1="{low:.1f}" y1="{y + BAR / 2:.0f}" x2="{high:.1f}" y2="{y + BAR / 2:.0f}"/>',
            f'<text x="{high + 10:.1f}" y="{y + 16}">{middle:,.0f} ({share:.2f} of the floor)</text>',
        ]
    height = TOP + len(names) * (BAR + GAP) + BOTTOM
    note = f"{machine.date}, {machine.cores} cores, Python {machine.python}; medians of {machine.rounds} rounds"
    parts.append(f'<text class="note" x="0" y="{height - 12}">{note}, lines from the least to the most</text>')
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{title}">\n<style>{STYLE}\n</style>\n{body}\n</svg>\n'
    )
