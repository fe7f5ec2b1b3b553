package discoverytest

import (
	"regexp"
	"slices"
	"strings"
)

// gap is what the documents lack, although Google takes or gives it.
type gap struct {
	why  string
	fits func(where string, x *exchange, violation string) bool
}

// gaps are all that is excused. Each has been sent by a client of Google's or is
// described in a page of Google's.
func gaps() []gap {
	return []gap{
		{"gcloud asks the token service about tokens; RFC 7662, in no document", only("/v1/introspect", "no method of Google's has this path")},
		{"clients write a token exchange as RFC 8693 says, as a form in snake case; the document has camel case JSON", tokenForm},
		{"Google's auth library for Go sends the empty list of delegates as null, which protobuf takes for absent",
			only("iamcredentials.projects.serviceAccounts.generateAccessToken", "request.delegates: null, want array")},
		{"a parameter of every request of Cloud Storage (docs.cloud.google.com/storage/docs/requester-pays), listed for some methods only", storage("?userProject: no such parameter")},
		{"the session of a resumable upload (docs.cloud.google.com/storage/docs/performing-resumable-uploads), in no document", storage("?upload_id: no such parameter")},
		{"a patch removes what it sets to null (docs.cloud.google.com/storage/docs/json_api#patch)", func(where string, _ *exchange, violation string) bool {
			return (where == "storage.buckets.patch" || where == "storage.objects.patch") && strings.Contains(violation, ": null, want ")
		}},
		{"a client that takes no 308 is told so in a header, and its upload is not at an end (github.com/googleapis/google-resumable-media-python)", func(where string, x *exchange, _ string) bool {
			return where == "storage.objects.insert" && x.override == "308" && len(x.got) == 0
		}},
		{"a download is refused in words, by another server of Google's (github.com/firebase/firebase-tools/pull/3647)", func(where string, x *exchange, violation string) bool {
			words := x.answerType == "text/html; charset=UTF-8" && strings.HasSuffix(violation, " without an envelope: not JSON")
			return words && where == "storage.objects.get" && x.url.Query().Get("alt") == "media"
		}},
		{"gcloud is written in Python and sends True and False", pythonBoolean},
	}
}

func only(where, violation string) func(string, *exchange, string) bool {
	return func(w string, _ *exchange, v string) bool { return w == where && v == violation }
}

func storage(violation string) func(string, *exchange, string) bool {
	return func(w string, _ *exchange, v string) bool { return strings.HasPrefix(w, "storage.") && v == violation }
}

func tokenForm(where string, _ *exchange, violation string) bool {
	form := violation == `request: "application/x-www-form-urlencoded", want application/json`
	return where == "sts.token" && form
}

func pythonBoolean(_ string, x *exchange, violation string) bool {
	name, ok := strings.CutSuffix(violation, ": want true or false")
	v := x.url.Query().Get(strings.TrimPrefix(name, "?"))
	return ok && (v == "True" || v == "False")
}

// version is how the path of most APIs begins.
var version = regexp.MustCompile(`^v[0-9]+((alpha|beta)[0-9]*)?$`)

// isXML tells a path of Cloud Storage's XML API, which is a bucket and an object and has
// no document (docs.cloud.google.com/storage/docs/xml-api/overview).
func (x *exchange) isXML() bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(x.url.Path, "/"), "/")
	apis := []string{"storage", "upload", "download", "batch", "resumable"}
	return !slices.Contains(apis, first) && !version.MatchString(first) && first != ""
}
