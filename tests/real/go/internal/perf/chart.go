package perf

import (
	"fmt"
	"html"
	"strings"
)

// group is a chart: bars of one unit under a title.
type group struct {
	title string
	bars  []bar
}

type bar struct {
	name  string
	value float64
}

// Places in the chart, in pixels.
const (
	chartWidth = 820
	nameWidth  = 260
	barWidth   = 460
	barHeight  = 18
	lineHeight = 26
)

// draw makes an SVG of the charts, one under the other.
func draw(groups []group) string {
	var body strings.Builder
	y := lineHeight
	text := func(x int, anchor, style, text string) {
		fmt.Fprintf(&body, `<text x="%d" y="%d" text-anchor="%s" %s>%s</text>`+"\n", x, y, anchor, style, html.EscapeString(text))
	}
	for _, g := range groups {
		text(10, "start", `font-weight="bold"`, g.title)
		y += lineHeight
		largest := 0.0
		for _, b := range g.bars {
			largest = max(largest, b.value)
		}
		for _, b := range g.bars {
			width := int(b.value / max(largest, 1e-9) * barWidth)
			colour := "#9aa5b1"
			if strings.HasPrefix(b.name, "temporal-") {
				colour = "#2f6fde"
			}
			text(nameWidth, "end", "", b.name)
			fmt.Fprintf(&body, `<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>`+"\n",
				nameWidth+10, y-barHeight+5, max(width, 1), barHeight, colour)
			text(nameWidth+18+width, "start", "", fmt.Sprintf("%.1f", b.value))
			y += lineHeight
		}
		y += lineHeight / 2
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="14">`+
		"\n"+`<rect width="100%%" height="100%%" fill="white"/>`+"\n%s</svg>\n", chartWidth, y, body.String())
}
