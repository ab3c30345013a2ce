package chrome

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"restante/internal/tools"
)

// Chromium sees servers of this machine; other hosts are a picture, and noted.
func TestBrowser(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts a browser")
	}
	if _, err := Find(); err != nil {
		tools.Missing(t, err)
	}
	b, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	here := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<img src="http://far.chrome.test:8080/x.gif">`))
	}))
	t.Cleanup(here.Close)
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(here.URL)); err != nil {
		t.Fatal(err)
	}
	width, err := chromedp.Run(ctx, chromedp.Evaluate[int](`document.querySelector("img").naturalWidth`))
	if err != nil || width != 1 {
		t.Errorf("the picture is %d wide, want 1: %v", width, err)
	}
	if asked := b.Asked(); !slices.Contains(asked, "far.chrome.test") || slices.Contains(asked, "127.0.0.1") {
		t.Errorf("%q were asked, want far.chrome.test and not 127.0.0.1", asked)
	}
	b.Close()
	if _, err := os.Stat(b.profile); !os.IsNotExist(err) {
		t.Errorf("the profile is still there: %v", err)
	}
}
