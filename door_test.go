package restante

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"restante/configs"
)

func TestDoor(t *testing.T) {
	t.Parallel()
	const token = "0123456789abcdef"
	ana, _ := hashed(t, "ana", "right")
	srv := start(t, Config{
		WebAuth: write(t, "users", ana+"\n"), WebTokens: write(t, "tokens", "# ci\n"+token+"\r\n"),
		WebRoot: "/mail", CORS: "http://localhost:3000",
	})
	for _, c := range []struct {
		path, user, password, token string
		want                        int
	}{
		{"/v1/messages", "", "", "", 401},
		{"/v1/messages", "ana", "wrong", "", 401},
		{"/v1/messages", "ana", "right", "", 200},
		{"/mail/v1/messages", "ana", "right", "", 200},
		{"/v1/messages", "", "", token, 200},
		{"/v1/messages", "", "", token + "0", 401},
		{"/livez", "", "", "", 200},
	} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL()+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", "http://localhost:3000")
		if c.user != "" {
			r.SetBasicAuth(c.user, c.password)
		}
		if c.token != "" {
			r.Header.Set("Authorization", "Bearer "+c.token)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != c.want {
			t.Errorf("%+v: got %d, want %d", c, resp.StatusCode, c.want)
		}
		if got := resp.Header.Get("Access-Control-Allow-Origin"); got != "http://localhost:3000" {
			t.Errorf("%+v: the page may not read the answer: %q", c, got)
		}
	}
	// Mail comes in without: the settings are the page's.
	send(t, srv, "bob@app.test")
}

func TestDoorRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cfg  Config
		want string
	}{
		{Config{WebAuth: write(t, "users", "ana:plain\n")}, "web-auth: "},
		{Config{WebTokens: write(t, "tokens", "short\n")}, ":1: want a token of 16 characters"},
		{Config{WebTokens: write(t, "tokens", "has spaces in it and is long\n")}, ":1: want a token"},
		{Config{WebTokens: write(t, "tokens", "# none\n")}, "has no tokens"},
		{Config{WebTokens: "/nowhere/tokens"}, "web-tokens: "},
	} {
		srv, err := Start(c.cfg)
		if err == nil {
			srv.Close()
			t.Errorf("%+v: started", c.cfg)
			continue
		}
		if _, ok := errors.AsType[*configs.SettingError](err); !ok || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		} else if strings.Contains(err.Error(), "has spaces in it") || strings.Contains(err.Error(), "plain") {
			t.Errorf("the error shows the secret: %v", err)
		}
	}
}
