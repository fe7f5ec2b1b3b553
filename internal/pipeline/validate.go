package pipeline

import (
	"errors"
	"fmt"
	"slices"
)

// Validate reports every mistake in a list: ids that are missing or used twice, needs
// and facts that do not point backwards, checks without a claim or a way to look. It
// runs before anything else does.
func Validate(steps []Step) error {
	var errs []error
	seen := make(map[ID]bool, len(steps))
	codes := make(map[string]bool)
	for i, s := range steps {
		switch {
		case s.ID == "":
			errs = append(errs, fmt.Errorf("step %d has no id", i+1))
		case seen[s.ID]:
			errs = append(errs, fmt.Errorf("step %s is listed twice", s.ID))
		}
		if s.Claim == "" {
			errs = append(errs, fmt.Errorf("step %s claims nothing", s.ID))
		}
		if s.Observe == nil {
			errs = append(errs, fmt.Errorf("step %s has no way to look", s.ID))
		}
		for _, need := range slices.Concat(s.Facts, s.Needs, s.After) {
			if !seen[need] {
				errs = append(errs, fmt.Errorf("step %s needs %s, which does not come before it", s.ID, need))
			}
		}
		errs = append(errs, validateClaims(s, codes)...)
		seen[s.ID] = true
	}
	return errors.Join(errs...)
}

// validateClaims holds the claims of one step against those before, and adds them.
func validateClaims(s Step, before map[string]bool) (errs []error) {
	for _, c := range s.Claims {
		if c.Code == "" || c.Text == "" {
			errs = append(errs, fmt.Errorf("step %s has a claim without code or text", s.ID))
		}
		if before[c.Code] {
			errs = append(errs, fmt.Errorf("step %s claims %s, which is claimed already", s.ID, c.Code))
		}
		for _, need := range c.Needs {
			if !before[need] {
				errs = append(errs, fmt.Errorf("claim %s needs %s, which does not come before it", c.Code, need))
			}
		}
		before[c.Code] = true
	}
	return errs
}
