package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/wifctl/wifctl/internal/report"
	"github.com/wifctl/wifctl/internal/trust"
)

// verifyFlags are what verify alone is told.
type verifyFlags struct {
	skip, only          []string
	list, strict, short bool
	pod                 trust.Pod
	runPod              bool
	image               string
}

func newVerify(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Prove that it works, and only for whom it should",
		Long: `verify looks at every part of the trust and then goes the whole way of a pod: a fresh
token of the ServiceAccount, its exchange at Google, impersonation of the GSA, and an
object read from the bucket. Then it sees another ServiceAccount of the namespace
refused. It changes nothing. With --pod it also runs a pod that reads the bucket, tells
what came of it, and removes it.

Each check has a stable code; --list prints them, and wifctl explain says more about
each. A check that could not look is skipped, with the reason. Where the proof went
well that is no failure, unless --strict is said.

With a kubeconfig alone, or a Google login alone, verify judges what it can see from
there. Inside a pod it needs nothing but the pod's token: --token-file.`,
		Example: `  wifctl verify --project my-project-123 --bucket my-bucket
  wifctl verify --project my-project-123 --bucket my-bucket --wait 10m -o json
  wifctl verify --project my-project-123 --bucket my-bucket --strict --skip WIF403 -o junit > report.xml
  wifctl verify --project my-project-123 --bucket my-bucket --pod
  wifctl verify --token-file /var/run/service-account/token --bucket my-bucket`,
		Args: noArgs,
	}
	o := addFlags(cmd, s)
	o.formats = append(o.formats, "junit", "github")
	var v verifyFlags
	f := cmd.Flags()
	f.Lookup("output").Usage = "text, json, junit or github (annotations, and a job summary in $GITHUB_STEP_SUMMARY)"
	f.DurationVar(&o.wait, "wait", 0, "wait this long for what may still be on its way (0: don't)")
	f.StringSliceVar(&v.skip, "skip", nil, "leave out these checks, by code; repeatable")
	f.StringSliceVar(&v.only, "only", nil, "report these checks alone, by code; repeatable")
	f.BoolVar(&v.strict, "strict", false, "fail on warnings, and on checks that could not look")
	f.BoolVar(&v.short, "short", false, "print only what is not well, and one line of summary")
	f.BoolVar(&v.list, "list", false, "print the checks and their codes, and look at nothing")
	f.StringVar(&v.pod.TokenFile, "token-file", "", "inside a pod: the projected token, the only thing to go by")
	f.StringVar(&v.pod.CredentialFile, "cred-file", s.env("GOOGLE_APPLICATION_CREDENTIALS"), "with --token-file: the pod's credential file ($GOOGLE_APPLICATION_CREDENTIALS)")
	f.BoolVar(&v.runPod, "pod", false, "also run a pod that reads the bucket, and remove it; the only thing that verify writes")
	f.StringVar(&v.image, "image", "", "with --pod: an image with sh and gcloud (default "+trust.DefaultPodImage+")")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := v.checkCodes(); err != nil {
			return err
		}
		if v.list {
			return listChecks(cmd, s, o)
		}
		ss, err := v.open(cmd, s, o)
		if err != nil {
			return err
		}
		ctx, cancel := ss.bound(cmd.Context())
		defer cancel()
		ss.text.Short = v.short
		return ss.verify(ctx, v)
	}
	return cmd
}

// open stands where the flags say: in a pod, or where a kubeconfig and a login are.
func (v verifyFlags) open(cmd *cobra.Command, s streams, o *options) (*session, error) {
	if err := v.checkCompany(cmd); err != nil {
		return nil, err
	}
	o.cfg.Skip, o.cfg.RunPod, o.cfg.PodImage = v.skip, v.runPod, v.image
	if v.pod.TokenFile != "" {
		return openInPod(cmd, s, o, v.pod)
	}
	return open(cmd.Context(), cmd, s, o, trust.ToVerify)
}

// checkCompany refuses a flag that nothing would be done with.
func (v verifyFlags) checkCompany(cmd *cobra.Command) error {
	switch {
	case cmd.Flags().Changed("cred-file") && v.pod.TokenFile == "":
		return usage(cmd, errors.New("--cred-file is for --token-file"))
	case v.image == "":
		return nil
	case !v.runPod:
		return usage(cmd, errors.New("--image is for --pod"))
	}
	return trust.CheckImage(v.image)
}

func (ss *session) verify(ctx context.Context, v verifyFlags) error {
	run := ss.run()
	run.Wait = ss.o.wait
	looked, err := run.Look(ctx)
	if err != nil {
		return err
	}
	ss.header()
	checks := v.choose(ss.trust.Judge(looked))
	status := statusOfChecks(checks, v.strict)
	if looked.Interrupted {
		status = exitInterrupted
	}
	next := ""
	if status == exitOK && v.pod.TokenFile == "" {
		next = ss.trust.Command("manifest pod") // for the trust to be used
	}
	return ss.print(report.Report{ExitStatus: status, Pipeline: looked, Checks: checks, Strict: v.strict, Next: next})
}
