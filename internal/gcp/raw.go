package gcp

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"

	"google.golang.org/api/googleapi"
)

// rawRequest is a request that we write ourselves. Only policies are: Google's
// generated types drop the fields they don't know, and to write back what was
// left would delete them.
type rawRequest struct {
	request
	verb, url string
	body      any // nil: none
}

const longestPolicy = 4 << 20 // Google's own limit is "a few tens of KB"

func (c *Client) send(ctx context.Context, r rawRequest) (json.RawMessage, error) {
	var body io.Reader
	if r.body != nil {
		b, err := json.Marshal(r.body)
		if err != nil {
			return nil, r.fail(err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, r.verb, r.url, body)
	if err != nil {
		return nil, r.fail(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, r.fail(err)
	}
	defer resp.Body.Close()
	if err := googleapi.CheckResponse(resp); err != nil {
		return nil, r.fail(err)
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, longestPolicy))
	return answer, r.fail(err)
}
