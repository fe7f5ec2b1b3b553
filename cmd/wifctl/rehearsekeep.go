package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// keep leaves both sides running until the rehearsal is interrupted, which is no failure:
// the story has been told.
func (st *rehearsal) keep(ctx context.Context) error {
	file, exports := filepath.Join(st.dir, "env"), st.exports()
	if err := os.WriteFile(file, exports, 0o600); err != nil {
		return fmt.Errorf("write the files of the rehearsal: %w", err)
	}
	fmt.Fprintf(st.s.out, `
Both keep running until you press Ctrl-C here. In another terminal:

  . %s
  kubectl get namespaces
  gcloud iam service-accounts list
  wifctl %s

That file says:

%s`, file, strings.Join(st.command("verify"), " "), exports)
	if _, copied := st.inner.issuer.(copies); copied {
		fmt.Fprint(st.s.out, `
The emulated Google was given the issuer's keys, and no other process can fetch them:
in another terminal, wifctl stops at cks-issuer.
`)
	}
	<-ctx.Done()
	fmt.Fprintln(st.s.out, "\nEnded.")
	return nil
}

// exports bring wifctl, gcloud and kubectl here. The tokens stay in their files.
func (st *rehearsal) exports() []byte {
	variables := append(googleVariables(st.endpoint, st.dir, rehearsalProject),
		[2]string{"CLOUDSDK_AUTH_ACCESS_TOKEN_FILE", filepath.Join(st.dir, "access-token")})
	switch {
	case st.cluster != nil:
		variables = append(variables,
			[2]string{"KUBECONFIG", st.inner.kubeconfig}, [2]string{issuerCA, filepath.Join(st.dir, "issuer-ca.crt")})
	case st.f.kubeconfig != "":
		variables = append(variables, [2]string{"KUBECONFIG", st.f.kubeconfig})
	}
	var out bytes.Buffer
	printVariables(&out, variables)
	return out.Bytes()
}
