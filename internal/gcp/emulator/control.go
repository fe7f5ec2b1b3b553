package emulator

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// controlPrefix is where the server answers about itself, without tokens.
const controlPrefix = "/_emulator/"

// serveControl answers GET requests, GET state, DELETE requests, POST save,
// POST clock?advance=90s, POST faults (one fault a line) and DELETE faults.
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
		s.control(w, s.advanceBy(r.URL.Query().Get("advance")))
	case "POST faults":
		s.control(w, s.injectLines(r.Body))
	case "DELETE faults":
		s.ClearFaults()
		jsonAnswer(http.StatusOK, nil).write(w)
	default:
		errorAnswer(formGoogle, unmodelled(r.Method, r.URL.Path)).write(w)
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
	if err != nil {
		errorAnswer(formGoogle, invalidArgument("%v", err)).write(w)
		return
	}
	jsonAnswer(http.StatusOK, struct {
		Now time.Time `json:"now"`
	}{s.clock.Now()}).write(w)
}

func (s *Server) advanceBy(text string) error {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return fmt.Errorf("advance=%q: want a duration such as 90s", text)
	}
	s.Advance(d)
	return nil
}

// injectLines adds the faults of a body, all or none.
func (s *Server) injectLines(body io.Reader) error {
	b, err := io.ReadAll(io.LimitReader(body, 64<<10))
	if err != nil {
		return err
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
