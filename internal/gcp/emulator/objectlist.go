package emulator

import (
	"encoding/base64"
	"maps"
	"slices"
	"strconv"
	"strings"
)

const maxPage = 1000

// objectList is one page of objects and of what the delimiter folded together.
type objectList struct {
	Kind     string      `json:"kind"`
	Next     string      `json:"nextPageToken,omitempty"`
	Prefixes []string    `json:"prefixes,omitempty"`
	Items    []objectDoc `json:"items,omitempty"`
}

// listObjects lists by name. There are only live generations, with or without versions.
//
// not modelled: matchGlob, filter.
//
// https://docs.cloud.google.com/storage/docs/json_api/v1/objects/list
func (c *call) listObjects() (any, error) {
	b, err := c.openBucket()
	if err != nil {
		return nil, err
	}
	size, err := c.maxResults()
	if err != nil {
		return nil, err
	}
	list := objectList{Kind: "storage#objects"}
	last, after := "", pageStart(c.query.Get("pageToken"))
	for _, name := range slices.Sorted(maps.Keys(b.objects)) {
		entry, folded := c.entry(name)
		if !c.inRange(name) || entry <= after || entry == last {
			continue
		}
		if len(list.Items)+len(list.Prefixes) == size {
			list.Next = pageToken(last)
			break
		}
		last = entry
		if folded {
			list.Prefixes = append(list.Prefixes, entry)
		}
		if !folded || (c.flag("includeTrailingDelimiter") && name == entry) {
			list.Items = append(list.Items, c.objectDoc(b, b.objects[name]))
		}
	}
	return list, nil
}

// entry is how a name is listed: itself, or cut behind the first delimiter after
// the prefix.
func (c *call) entry(name string) (entry string, folded bool) {
	prefix, delimiter := c.query.Get("prefix"), c.query.Get("delimiter")
	rest, ok := strings.CutPrefix(name, prefix)
	if !ok || delimiter == "" {
		return name, false
	}
	head, _, found := strings.Cut(rest, delimiter)
	if !found {
		return name, false
	}
	return prefix + head + delimiter, true
}

func (c *call) inRange(name string) bool {
	end := c.query.Get("endOffset")
	return strings.HasPrefix(name, c.query.Get("prefix")) && name >= c.query.Get("startOffset") && (end == "" || name < end)
}

func (c *call) maxResults() (int, error) {
	text := c.query.Get("maxResults")
	if text == "" {
		return maxPage, nil
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0, storageInvalid("Invalid value '%s'. Values must be within the range: [0, 4294967295]", text)
	}
	if n == 0 || n > maxPage {
		return maxPage, nil
	}
	return int(n), nil
}

// pageToken hides the last name of a page; the next one starts behind it.
func pageToken(last string) string { return base64.URLEncoding.EncodeToString([]byte(last)) }

// pageStart is the name a page token stands for; a made-up token starts anew.
func pageStart(token string) string {
	b, err := base64.URLEncoding.DecodeString(token)
	if err != nil {
		return ""
	}
	return string(b)
}
