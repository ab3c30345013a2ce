package sample

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
)

// shelf draws a shelf of books, as PNG.
func shelf() ([]byte, error) {
	const width, height, board = 1120, 420, 372
	palette := color.Palette{
		color.RGBA{0xf4, 0xe8, 0xd2, 0xff}, // wall
		color.RGBA{0x8a, 0x5a, 0x36, 0xff}, // board
		color.RGBA{0x5f, 0x3c, 0x22, 0xff}, // its edge
		color.RGBA{0x14, 0x59, 0x4a, 0xff}, color.RGBA{0xc2, 0x4d, 0x2c, 0xff}, color.RGBA{0x1d, 0x4e, 0x89, 0xff},
		color.RGBA{0xe0, 0xa0, 0x30, 0xff}, color.RGBA{0x7a, 0x2e, 0x4a, 0xff}, color.RGBA{0x3c, 0x6e, 0x71, 0xff}, color.RGBA{0x2b, 0x2d, 0x42, 0xff},
	}
	img := image.NewPaletted(image.Rect(0, 0, width, height), palette)
	fill := func(r image.Rectangle, c uint8) {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				img.SetColorIndex(x, y, c)
			}
		}
	}
	fill(image.Rect(0, board, width, board+22), 1)
	fill(image.Rect(0, board+22, width, board+28), 2)
	for x, n := 60, 0; x < width-90; n++ {
		if n%9 == 8 { // a gap, where one is being read
			x += 70
			continue
		}
		thick, tall := 34+n*29%38, 190+n*67%120
		cover := uint8(3 + n*5%7)
		book := image.Rect(x, board-tall, x+thick, board)
		fill(book, cover)
		band := uint8(0)
		if cover == 6 {
			band = 2
		}
		fill(image.Rect(x, book.Min.Y+26, x+thick, book.Min.Y+32), band)
		fill(image.Rect(x+thick/2-4, book.Min.Y+54, x+thick/2+4, book.Min.Y+54+tall/4), band)
		fill(image.Rect(x, board-40, x+thick, board-36), band)
		x += thick + 3
	}
	var b bytes.Buffer
	err := png.Encode(&b, img)
	return b.Bytes(), err
}

// invoice is a PDF of one page.
func invoice() []byte {
	const text = "BT /F1 24 Tf 72 760 Td (Invoice 10482) Tj /F1 12 Tf 0 -40 Td (The Weather Sailors, 22.00 EUR) Tj 0 -18 Td (A Field Guide to Clouds, 18.50 EUR) Tj 0 -18 Td (Postage, 3.90 EUR) Tj 0 -26 Td (Total, 44.40 EUR) Tj ET"
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(text), text),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	offsets := make([]int, len(objects))
	for i, object := range objects {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, offset := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table)
	return b.Bytes()
}
