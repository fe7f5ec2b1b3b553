package emulator

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ParseFault reads a fault as it is written on a command line:
//
//	METHOD:after=N,times=N,status=CODE,reason=REASON,delay=DURATION,lost,reset,truncate
//
// METHOD may hold *. The error names the part that is wrong, and the nearest method to
// one that isn't there.
func ParseFault(text string) (Fault, error) {
	method, rest, ok := strings.Cut(text, ":")
	f := Fault{Match: method}
	if method == "" || !ok {
		return Fault{}, fmt.Errorf("fault %q: want METHOD:key=value,key=value", text)
	}
	said := map[string]bool{}
	for part := range strings.SplitSeq(rest, ",") {
		key, _, _ := strings.Cut(part, "=")
		if said[key] {
			return Fault{}, fmt.Errorf("fault %q: %s is there twice", text, key)
		}
		said[key] = true
		if err := f.set(part); err != nil {
			return Fault{}, fmt.Errorf("fault %q: %w", text, err)
		}
	}
	if err := f.check(); err != nil {
		return Fault{}, fmt.Errorf("fault %q: %w", text, err)
	}
	return f, nil
}

func (f *Fault) set(part string) (err error) {
	key, value, hasValue := strings.Cut(part, "=")
	flags := map[string]*bool{"lost": &f.Lost, "reset": &f.Reset, "truncate": &f.Truncate}
	if b, ok := flags[key]; ok && !hasValue {
		*b = true
		return nil
	}
	switch key {
	case "after":
		f.After, err = number(key, value, 0, 1<<30)
	case "times":
		if f.Times, err = number(key, value, -1, 1<<30); err == nil && f.Times == 0 {
			err = errors.New("times=0: want a positive number, or -1 for always")
		}
	case "status":
		f.Status, err = number(key, value, 400, 599)
	case "reason":
		if f.Reason = value; value == "" {
			err = errors.New("reason=: want a word")
		}
	case "delay":
		f.Delay, err = time.ParseDuration(value)
	default:
		err = fmt.Errorf("unknown part %q", part)
	}
	return err
}

func number(key, value string, lowest, highest int) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < lowest || n > highest {
		return 0, fmt.Errorf("%s=%s: want a number from %d to %d", key, value, lowest, highest)
	}
	return n, nil
}

// String is the fault as ParseFault reads it.
func (f *Fault) String() string {
	var parts []string
	add := func(is bool, format string, args ...any) {
		if is {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	add(f.After != 0, "after=%d", f.After)
	add(f.Times != 0, "times=%d", f.Times)
	add(f.Status != 0, "status=%d", f.Status)
	add(f.Reason != "", "reason=%s", f.Reason)
	add(f.Delay != 0, "delay=%s", f.Delay)
	add(f.Lost, "lost")
	add(f.Reset, "reset")
	add(f.Truncate, "truncate")
	return f.Match + ":" + strings.Join(parts, ",")
}
