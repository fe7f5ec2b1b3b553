// Command kube-testbed starts a real Kubernetes for wifctl's tests:
// upstream's own etcd, kube-apiserver and the three controllers that a
// namespace's life depends on, in one process, on loopback, with no container
// image and no downloaded binary ("make kube" builds it). Beside it stands a public OpenID issuer shaped
// like CoreWeave's. There is no kubelet: pods stay Pending.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "kube-testbed:", err)
		stop()
		os.Exit(1)
	}
}

func command() *cobra.Command {
	root := &cobra.Command{
		Use:           "kube-testbed",
		Short:         "A real Kubernetes API server for wifctl's tests",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(upCommand())
	return root
}

func upCommand() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "up --dir DIR",
		Short: "Start it, print what to export, and serve until interrupted",
		Long: `Start it, print what to export, and serve until interrupted.

The same DIR, --port, --issuer-port and --cluster-id give the same world again.
DIR/env holds the printed lines, DIR/audit.log what was asked of the API server.
DIR/issuer holds what the issuer publishes, read anew for every request: change
or remove a file there to break it by hand. DIR/pki/client-ca.crt and client-ca.key
sign client certificates that the API server accepts.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return up(cmd.Context(), o, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.dir, "dir", "", "folder for everything that is written (required)")
	f.IntVar(&o.port, "port", 0, "port of the API server (0: any free one)")
	f.IntVar(&o.issuerPort, "issuer-port", 0, "port of the issuer (0: any free one)")
	f.StringVar(&o.clusterID, "cluster-id", "", "UUID of the cluster in the issuer's URL (default: a random one)")
	f.StringVar(&o.signingKey, "signing-key", keyRSA, "key that signs ServiceAccount tokens: rsa (RS256) or p256 (ES256)")
	f.StringArrayVar(&o.apiServer, "api-server", nil, "flag of kube-apiserver, such as --service-account-issuer=URL, in place of what is passed otherwise (repeatable)")
	f.BoolVar(&o.controllers, "controllers", true, "run the controllers of namespaces, default ServiceAccounts and kube-root-ca.crt")
	f.DurationVar(&o.terminationDelay, "termination-delay", 0, "how long a deleted namespace stays as it is; 5s in a real cluster")
	f.BoolVar(&o.exitWithParent, "exit-with-parent", false, "stop when the process that started this one ends")
	f.BoolVar(&o.remove, "rm", false, "remove DIR at the end")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "write the logs of all parts to stderr")
	if err := cmd.MarkFlagRequired("dir"); err != nil {
		panic(err) // the flag is defined above
	}
	return cmd
}
