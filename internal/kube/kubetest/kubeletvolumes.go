package kubetest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// mount makes the pod's volumes, and gives what puts their folders in place of the
// container's paths. What can't be made is told by an event and tried again.
func (k *Kubelet) mount(ctx context.Context, p *corev1.Pod, dir string) (*strings.Replacer, error) {
	in := pathsIn(p.Spec.Containers[0].VolumeMounts, dir)
	told := ""
	for _, v := range p.Spec.Volumes {
		at := filepath.Join(dir, v.Name)
		if err := os.Mkdir(at, 0o700); err != nil {
			return nil, err
		}
		for {
			err := k.fill(ctx, p, v, at, in)
			if err == nil {
				break
			}
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			// The Node authorizer learns by watching that the pod is bound here.
			if why := fmt.Sprintf("MountVolume.SetUp failed for volume %q : %v", v.Name, err); why != told && !apierrors.IsForbidden(err) {
				told = why
				k.event(k.node, p, "kubelet", "FailedMount", why)
			}
			pause(ctx)
		}
	}
	return in, nil
}

// pathsIn replaces the longest path first.
func pathsIn(mounts []corev1.VolumeMount, dir string) *strings.Replacer {
	mounts = slices.Clone(mounts)
	slices.SortFunc(mounts, func(a, b corev1.VolumeMount) int { return len(b.MountPath) - len(a.MountPath) })
	var pairs []string
	for _, m := range mounts {
		pairs = append(pairs, m.MountPath, filepath.Join(dir, m.Name))
	}
	return strings.NewReplacer(pairs...)
}

func (k *Kubelet) fill(ctx context.Context, p *corev1.Pod, v corev1.Volume, at string, in *strings.Replacer) error {
	switch {
	case v.EmptyDir != nil:
		return nil
	case v.ConfigMap != nil:
		m, err := k.node.CoreV1().ConfigMaps(p.Namespace).Get(ctx, v.ConfigMap.Name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return fmt.Errorf("configmap %q not found", v.ConfigMap.Name) // in a kubelet's words
		}
		if err != nil {
			return err
		}
		for name, content := range m.Data {
			if err := write(filepath.Join(at, name), in.Replace(content)); err != nil {
				return err
			}
		}
		return nil
	case v.Projected != nil && len(v.Projected.Sources) == 1 && v.Projected.Sources[0].ServiceAccountToken != nil:
		return k.writeToken(ctx, p, v.Projected.Sources[0].ServiceAccountToken, at)
	}
	return fmt.Errorf("a volume of this kind is not modelled")
}

// writeToken asks for a token that is bound to the pod, as a kubelet does.
func (k *Kubelet) writeToken(ctx context.Context, p *corev1.Pod, want *corev1.ServiceAccountTokenProjection, at string) error {
	token, err := k.tokenFor(ctx, p, want.Audience, want.ExpirationSeconds)
	if err != nil {
		return fmt.Errorf("failed to fetch token: %w", err)
	}
	return write(filepath.Join(at, want.Path), token)
}

func (k *Kubelet) tokenFor(ctx context.Context, p *corev1.Pod, audience string, seconds *int64) (string, error) {
	r, err := k.node.CoreV1().ServiceAccounts(p.Namespace).CreateToken(ctx, p.Spec.ServiceAccountName, &authenticationv1.TokenRequest{
		Spec: authenticationv1.TokenRequestSpec{
			Audiences: []string{audience}, ExpirationSeconds: seconds,
			BoundObjectRef: &authenticationv1.BoundObjectReference{Kind: "Pod", APIVersion: "v1", Name: p.Name, UID: p.UID},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		return "", err
	}
	return r.Status.Token, nil
}

func write(path, content string) error { return os.WriteFile(path, []byte(content), 0o400) }
