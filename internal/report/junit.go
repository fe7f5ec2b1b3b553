package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/wifctl/wifctl/internal/pipeline"
)

// The parts of the JUnit report format that CI systems read; there is no standard but the
// schema that most follow: https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd
type junitSuites struct {
	XMLName xml.Name   `xml:"testsuites"`
	Suite   junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"` // seconds
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Time    string        `xml:"time,attr"`
	Skipped *junitMessage `xml:"skipped,omitempty"`
	Error   *junitMessage `xml:"error,omitempty"`
	Failure *junitMessage `xml:"failure,omitempty"`
	Output  string        `xml:"system-out,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// JUnit writes the report as a JUnit test suite: a test case for each check.
func JUnit(w io.Writer, r Report) error {
	r = r.clean()
	suite := junitSuite{Name: r.name(), Properties: properties(r)}
	var total float64
	dark := firstInTheDark(r.Checks)
	for _, j := range r.Checks {
		c := junitCaseOf(j, r.Strict)
		if dark[j.Code] { // an error is what JUnit calls a test that could not be made
			c.Skipped, c.Error = nil, &junitMessage{Message: j.Because, Type: j.Code, Text: strings.Join(darkLines(j), "\n")}
		}
		suite.add(c)
		total += j.Duration.Seconds()
	}
	if r.Err != "" {
		message := &junitMessage{Message: r.Err, Text: strings.Join(append([]string{r.Err}, remedyLines(r.Remedy)...), "\n")}
		suite.add(junitCase{Name: r.name(), Class: "wifctl", Time: secondsOf(0), Error: message})
	}
	suite.Time = secondsOf(total)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(junitSuites{Suite: suite}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (s *junitSuite) add(c junitCase) {
	s.Cases = append(s.Cases, c)
	s.Tests++
	switch {
	case c.Skipped != nil:
		s.Skipped++
	case c.Error != nil:
		s.Errors++
	case c.Failure != nil:
		s.Failures++
	}
}

// junitCaseOf is the test case of a check. JUnit knows no warnings: one is a line of a test
// that passed, or, where warnings were to fail, a failure.
func junitCaseOf(j pipeline.Judged, strict bool) junitCase {
	c := junitCase{Name: string(j.ID) + ": " + j.Text, Class: "wifctl." + j.Code, Time: secondsOf(j.Duration.Seconds())}
	switch {
	case j.Verdict == pipeline.Skip:
		c.Skipped = &junitMessage{Message: j.Because}
	case j.Verdict == pipeline.Fail, j.Verdict == pipeline.Warn && strict:
		c.Failure = failure(j)
	case j.Verdict == pipeline.Warn:
		c.Output = "warning: " + strings.Join(failureLines(j), "\n")
	}
	for _, line := range j.Said {
		c.Output = strings.TrimPrefix(c.Output+"\n"+line, "\n")
	}
	return c
}

func secondsOf(s float64) string { return fmt.Sprintf("%.3f", s) }

func properties(r Report) (all []junitProperty) {
	for _, p := range [][2]string{
		{"version", r.Version}, {"context", r.Trust.Context}, {"cluster", r.Trust.Cluster}, {"issuer", r.Trust.Issuer},
		{"project", r.Trust.ProjectID}, {"namespace", r.Trust.Namespace}, {"serviceAccount", r.Trust.ServiceAccount}, {"bucket", r.Trust.Bucket},
	} {
		if p[1] != "" {
			all = append(all, junitProperty{p[0], p[1]})
		}
	}
	return all
}

// failure is what a person reads of a failed check in a CI system.
func failure(j pipeline.Judged) *junitMessage {
	lines := failureLines(j)
	return &junitMessage{Message: lines[0], Type: j.Code, Text: strings.Join(lines, "\n")}
}
