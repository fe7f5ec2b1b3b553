package gcp

import "testing"

func TestEndpointsThatMayBeGivenAToken(t *testing.T) {
	for _, tc := range []struct {
		name, url string
		want      Reason
	}{
		{"Google's own", "", Unknown},
		{"https anywhere", "https://gcp.acme.example/base", Unknown},
		{"http on a loopback address", "http://127.0.0.1:8080", Unknown},
		{"http on the other loopback address", "http://[::1]:8080/", Unknown},
		{"http on localhost", "http://localhost:8080", Unknown},
		{"http to another machine", "http://10.0.0.1:8080", Invalid},
		{"http to a name that begins like a loopback address", "http://127.0.0.1.acme.example", Invalid},
		{"no scheme", "127.0.0.1:8080", Invalid},
		{"a scheme that is none of ours", "ftp://localhost/", Invalid},
		{"a URL with a password in it", "https://me:secret@acme.example/", Invalid},
		{"a URL with a query", "https://acme.example/?a=b", Invalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := New(t.Context(), Options{Endpoint: tc.url, AccessTokenFile: tokenFile(t)})
			if ReasonOf(err) != tc.want || (err == nil) != (tc.want == Unknown) {
				t.Errorf("got %v, want reason %q", err, tc.want)
			}
		})
	}
}
