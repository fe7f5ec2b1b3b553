package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/wifctl/wifctl/internal/pipeline"
)

// act is one act of the story: a command, and what is to come of it.
type act struct {
	title string
	says  string
	run   []string // wifctl's arguments; or else:
	do    func(context.Context) error

	want  int      // exit status
	shows []string // that the output holds
	then  func() error
}

// acts are the story, in order.
func (st *rehearsal) acts() []act {
	writes := 0
	story := []act{
		{
			title: "Make the trust",
			says:  "It looks first, changes what is missing on both sides, and proves it.",
			run:   st.command("setup"), shows: []string{"proof", "setup: "},
		},
		{
			title: "Prove it, and change nothing",
			says:  "This is for every day, and for CI.",
			run:   st.command("verify"),
			then:  func() error { writes = st.writes(); return nil },
		},
		{
			title: "Make it again",
			says:  "Running setup twice is safe: it finds nothing to do, and writes nothing.",
			run:   st.command("setup"), shows: []string{" unchanged"},
			then: func() error {
				if n := st.writes() - writes; n > 0 {
					return fmt.Errorf("%d requests changed something", n)
				}
				return nil
			},
		},
		{
			title: "Somebody takes the binding away",
			says:  "A colleague tidies up, and runs this:",
			do:    st.breakBinding,
		},
		{
			title: "What verify says of it",
			says:  "It names what is wrong, and the command that mends it. Its exit status is 1.\n   With -q it leaves out what is well.",
			run:   st.command("verify", "-q"), want: exitFailed, shows: []string{"WIF511", addBinding},
		},
		{
			title: "The remedy",
			says:  "The command that verify has just printed, as it stands there:",
			do:    st.mendBinding,
		},
		{
			title: "And all is well",
			says:  "Then verify -q says nothing at all, and its exit status is 0.",
			run:   st.command("verify", "-q"),
		},
	}
	if st.f.keep {
		return story
	}
	return append(story, st.teardown())
}

func (st *rehearsal) teardown() act {
	return act{
		title: "Take it away",
		says:  "What setup made goes, the access first. What others made would stay.",
		run:   st.command("teardown", "--yes"), shows: []string{"removed"},
		then: func() error { st.struck = true; return st.remains() },
	}
}

// command is a command of wifctl as a user would type it.
func (st *rehearsal) command(name string, more ...string) []string {
	args := []string{name, "--project", rehearsalProject, "--bucket", rehearsalBucket}
	if st.f.context != "" {
		args = append(args, "--context", st.f.context, "--namespace", st.f.namespace)
	}
	if st.f.kubeconfig != "" {
		args = append(args, "--kubeconfig", st.f.kubeconfig)
	}
	return append(args, more...)
}

// perform plays one act, and holds what comes of it against what was told.
func (st *rehearsal) perform(ctx context.Context, n int, a act) error {
	fmt.Fprintf(st.s.out, "\n%s\n", st.bold(fmt.Sprintf("%d. %s", n, a.title)))
	if a.says != "" {
		fmt.Fprintf(st.s.out, "   %s\n", a.says)
	}
	fmt.Fprintln(st.s.out)
	failed := func(why any) error {
		if ctx.Err() != nil {
			return pipeline.ErrInterrupted
		}
		return fmt.Errorf("act %d, %q, did not end as told: %v", n, a.title, why)
	}
	if a.do != nil {
		if err := a.do(ctx); err != nil {
			return failed(err)
		}
		return nil
	}
	if status := st.wifctl(ctx, a.run); status != a.want {
		return failed(fmt.Sprintf("exit status %d, want %d", status, a.want))
	}
	for _, text := range a.shows {
		if !strings.Contains(st.printed, text) {
			return failed(fmt.Sprintf("it does not say %q", text))
		}
	}
	if a.then == nil {
		return nil
	}
	if err := a.then(); err != nil {
		return failed(err)
	}
	return nil
}

// wifctl runs a command as main does, and shows it.
func (st *rehearsal) wifctl(ctx context.Context, args []string) int {
	if args[0] == "setup" {
		st.made = true
	}
	st.prompt("wifctl " + strings.Join(args, " "))
	var printed bytes.Buffer
	inner := st.inner
	inner.out = io.MultiWriter(st.inner.out, &printed)
	status := run(ctx, args, inner)
	st.printed = printed.String()
	return status
}

// prompt shows a command.
func (st *rehearsal) prompt(command string) { fmt.Fprintln(st.s.out, st.bold("$ "+command)) }

func (st *rehearsal) bold(text string) string {
	if !st.s.colour() {
		return text
	}
	return "\x1b[1m" + text + "\x1b[0m"
}
