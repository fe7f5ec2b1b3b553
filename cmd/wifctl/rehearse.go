package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/trust"
)

// rehearseFlags are what wifctl rehearse is told.
type rehearseFlags struct {
	kubeconfig, context, namespace string
	keep                           bool
}

// rehearsalNamespace is made in a cluster of somebody's, and goes at the end.
const rehearsalNamespace = "wifctl-rehearsal"

func newRehearse(s streams) *cobra.Command {
	var f rehearseFlags
	cmd := &cobra.Command{
		Use:   "rehearse",
		Short: "Watch the whole story on an emulated Google and Kubernetes",
		Long: `rehearse tells the whole story on stand-ins, in a few seconds: setup, verify, setup
again, what verify says when somebody breaks the trust, the command that mends it, and
teardown. Google Cloud and Kubernetes are emulated in this one process: it installs
nothing, needs no account, and sends nothing beyond this machine. It shows each command
as you would type it, and what it prints.

With --context the cluster is a real one, such as that of kind, and only Google is
emulated. The rehearsal makes a namespace of its own there, wifctl-rehearsal, touches
nothing that exists, and takes away what it made, even when it is interrupted.

With --keep it takes nothing away at the end. Both keep running until Ctrl-C, and it
prints the exports that point wifctl, gcloud and kubectl at them.`,
		Example: `  wifctl rehearse
  wifctl rehearse --keep
  wifctl rehearse --context kind-kind`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.complete(cmd); err != nil {
				return err
			}
			return f.rehearse(cmd.Context(), s)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.context, "context", "", "rehearse against the real cluster of this context of your kubeconfig, with only Google emulated")
	flags.StringVar(&f.kubeconfig, "kubeconfig", "", "with --context: the kubeconfig file (default: $KUBECONFIG, then ~/.kube/config)")
	flags.StringVarP(&f.namespace, "namespace", "n", "", "with --context: the namespace to make there, and to remove (default: "+rehearsalNamespace+")")
	flags.BoolVar(&f.keep, "keep", false, "keep both running at the end, to try things by hand, until Ctrl-C")
	f.completeFlags(cmd, s)
	return cmd
}

// complete fills in what was not said, and refuses what can't be meant.
func (f *rehearseFlags) complete(cmd *cobra.Command) error {
	switch {
	case cmd.Flags().Changed("context") && f.context == "":
		return usage(cmd, errors.New("--context must name a context of your kubeconfig"))
	case f.context == "" && (f.kubeconfig != "" || f.namespace != ""):
		return usage(cmd, errors.New("--kubeconfig and --namespace are of a real cluster: they need --context"))
	case f.context == "":
		f.namespace = trust.DefaultNamespace
	case f.namespace == "":
		f.namespace = rehearsalNamespace
	}
	return trust.CheckNamespace(f.namespace)
}

func (f rehearseFlags) rehearse(ctx context.Context, s streams) error {
	st, err := f.open(ctx, s)
	if err != nil {
		return err
	}
	defer st.close()
	fmt.Fprint(s.out, st.prologue)
	err = st.play(ctx)
	if f.keep && err == nil {
		err = st.keep(ctx)
	}
	if errors.Is(err, pipeline.ErrInterrupted) && st.real == nil {
		fmt.Fprintln(s.out, "\nInterrupted. All of it was in this process, and is gone.")
	}
	if left := st.strike(ctx); left != nil {
		return errors.Join(err, left)
	}
	if err == nil && !f.keep {
		fmt.Fprint(s.out, epilogue)
	}
	return err
}

const epilogue = `
That was the whole story. For the real thing, with your project and your bucket:

  gcloud auth application-default login
  wifctl preflight --project my-project-123 --bucket my-bucket   # only looks
  wifctl setup --project my-project-123 --bucket my-bucket

The cluster is the current context of your kubeconfig. To try things by hand on
the stand-ins first: wifctl rehearse --keep
`

// play plays the acts, each when the one before has ended as told.
func (st *rehearsal) play(ctx context.Context) error {
	for i, a := range st.acts() {
		if ctx.Err() != nil {
			return pipeline.ErrInterrupted
		}
		if err := st.perform(ctx, i+1, a); err != nil {
			return err
		}
	}
	return nil
}
