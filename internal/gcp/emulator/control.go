package emulator

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// controlPrefix is where the server answers about itself, without tokens.
const controlPrefix = "/_emulator/"

// serveControl answers GET requests, GET state, DELETE requests, POST save,
// POST clock?advance=90s&skew=45s, POST faults (one fault a line) and DELETE faults.
func (s *Server) serveControl(w http.ResponseWriter, r *http.Request) {
	switch r.Method + " " + strings.TrimPrefix(r.URL.Path, controlPrefix) {
	case "GET requests":
		s.requestsAnswer().write(w)
	case "DELETE requests":
		s.ResetRequests()
		jsonAnswer(http.StatusOK, nil).write(w)
	case "GET state":
		jsonAnswer(http.StatusOK, s.State()).write(w)
	case "POST save":
		s.control(w, s.Save())
	case "POST clock":
		s.control(w, s.setClock(r.URL.Query()))
	case "POST faults":
		s.control(w, s.injectLines(r.Body))
	case "DELETE faults":
		s.ClearFaults()
		jsonAnswer(http.StatusOK, nil).write(w)
	default:
		errorAnswer(formGoogle, notModelled("%s %s", r.Method, r.URL.Path)).write(w)
	}
}

// requestsAnswer says in a header how many requests came before the listed ones
// and were forgotten, so that a count is never silently short.
func (s *Server) requestsAnswer() *answer {
	list, forgotten := s.journal.list()
	a := jsonAnswer(http.StatusOK, list)
	a.header.Set("X-Emulator-Forgotten", strconv.Itoa(forgotten))
	return a
}

func (s *Server) control(w http.ResponseWriter, err error) {
	var disk *FileError
	switch {
	case errors.As(err, &disk):
		errorAnswer(formGoogle, newError(http.StatusInternalServerError, "%v", err)).write(w)
		return
	case err != nil:
		errorAnswer(formGoogle, invalidArgument("%v", err)).write(w)
		return
	}
	jsonAnswer(http.StatusOK, struct {
		Now time.Time `json:"now"`
	}{s.clock.shown(s.clock.Now())}).write(w)
}

// setClock lets time pass, or sets the clock's skew, or both; all or none.
func (s *Server) setClock(q url.Values) error {
	var advance, skew time.Duration
	for name, values := range q {
		d, err := time.ParseDuration(values[0])
		switch {
		case name == "advance" && err == nil && d >= 0:
			advance = d
		case name == "skew" && err == nil:
			skew = d
		default:
			return fmt.Errorf("%s=%q: want advance=90s, skew=45s or skew=-2m", name, values[0])
		}
	}
	if len(q) == 0 {
		return errors.New("want advance=90s, skew=45s, or both")
	}
	s.Advance(advance)
	if q.Has("skew") {
		s.SetSkew(skew)
	}
	return nil
}

// injectLines adds the faults of a body, all or none.
func (s *Server) injectLines(body io.Reader) error {
	const limit = 64 << 10
	b, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err != nil {
		return err
	}
	if len(b) > limit {
		return fmt.Errorf("more than %d bytes of faults", limit)
	}
	var faults []Fault
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		f, err := ParseFault(line)
		if err != nil {
			return err
		}
		faults = append(faults, f)
	}
	for _, f := range faults {
		s.Inject(f)
	}
	return nil
}
