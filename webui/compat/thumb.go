package compat

import (
	"bytes"
	"image"
	"image/color"
	_ "image/gif" // decoders of thumbnails
	"image/jpeg"
	_ "image/png"
	"io"
	"net/http"
	"strings"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp"
)

// Mailpit's thumbnails.
const (
	thumbWidth, thumbHeight = 180, 120
	thumbQuality            = 70
)

// Limits of images that thumbnails are made of; others have a blank one.
const (
	maxImageOctets = 32 << 20
	maxImagePixels = 40_000_000
)

// getThumb gives a JPEG of 180x120: an image part cropped to it, a small one in
// the middle, anything else blank.
func (s *server) getThumb(w http.ResponseWriter, r *http.Request) error {
	p, err := s.openPart(r)
	if err != nil {
		return err
	}
	defer p.content.Close()
	var img image.Image
	if strings.HasPrefix(p.Type, "image/") {
		if img, err = decodeImage(p.body); err != nil {
			return err
		}
	}
	w.Header().Set("Content-Type", "image/jpeg")
	return gone(jpeg.Encode(w, thumbnail(img), &jpeg.Options{Quality: thumbQuality}))
}

// decodeImage returns nil for what is no image, or too large a one.
func decodeImage(r io.Reader) (image.Image, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxImageOctets+1))
	if err != nil || len(raw) > maxImageOctets {
		return nil, err
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil || config.Width <= 0 || config.Height <= 0 || config.Width > maxImagePixels/config.Height {
		return nil, nil
	}
	img, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, nil // broken is blank
	}
	return img, nil
}

// thumbnail draws img on white, so that transparent images can be seen.
func thumbnail(img image.Image) image.Image {
	out := image.NewRGBA(image.Rect(0, 0, thumbWidth, thumbHeight))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	if img == nil {
		return out
	}
	from, to := img.Bounds(), out.Bounds()
	switch w, h := from.Dx(), from.Dy(); {
	case w <= thumbWidth && h <= thumbHeight:
		to = middle(w, h, to)
	case w < thumbWidth || h < thumbHeight:
		to = shaped(w, h, to)
	default:
		from = shaped(thumbWidth, thumbHeight, from)
	}
	draw.CatmullRom.Scale(out, to, img, from, draw.Over, nil)
	return out
}

// shaped is the largest rectangle of the shape w:h in the middle of another.
func shaped(w, h int, in image.Rectangle) image.Rectangle {
	if w*in.Dy() > h*in.Dx() {
		return middle(in.Dx(), max(1, in.Dx()*h/w), in)
	}
	return middle(max(1, in.Dy()*w/h), in.Dy(), in)
}

// middle is a rectangle of a size in the middle of another.
func middle(w, h int, in image.Rectangle) image.Rectangle {
	at := in.Min.Add(image.Pt((in.Dx()-w)/2, (in.Dy()-h)/2))
	return image.Rectangle{at, at.Add(image.Pt(w, h))}
}
