package kube_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/wifctl/wifctl/internal/kube/emulator"
	"github.com/wifctl/wifctl/internal/kube/kubetest"
)

// inBoth are the tests that the client has to pass against a real API server and against
// the emulated one. What is not here needs kinds that the emulated one does not have.
var inBoth = map[string]func(*testing.T){
	"ANameThatKubernetesRefuses":                testANameThatKubernetesRefuses,
	"AccessAnswersWhatIsMissingInOrder":         testAccessAnswersWhatIsMissingInOrder,
	"AdminMayEverything":                        testAdminMayEverything,
	"ApplyConfigMapConflicts":                   testApplyConfigMapConflicts,
	"ApplyConfigMapCreatesAndThenWritesNothing": testApplyConfigMapCreatesAndThenWritesNothing,
	"ApplyConfigMapLeavesWhatIsOthers":          testApplyConfigMapLeavesWhatIsOthers,
	"ApplyConfigMapOnlyIfUnchanged":             testApplyConfigMapOnlyIfUnchanged,
	"ApplyConfigMapWithoutANamespace":           testApplyConfigMapWithoutANamespace,
	"CallsAreReported":                          testCallsAreReported,
	"ContentsOfAFreshNamespaceAreEmpty":         testContentsOfAFreshNamespaceAreEmpty,
	"CreateServiceAccountWithoutANamespace":     testCreateServiceAccountWithoutANamespace,
	"DeleteConfigMapOnlyAsItWasSeen":            testDeleteConfigMapOnlyAsItWasSeen,
	"DeleteNamespaceSparesAnotherOfThatName":    testDeleteNamespaceSparesAnotherOfThatName,
	"DiscoveryIsTheClustersOwn":                 testDiscoveryIsTheClustersOwn,
	"DiscoveryNeedsPermission":                  testDiscoveryNeedsPermission,
	"ForbiddenNamesThePermission":               testForbiddenNamesThePermission,
	"Identity":                                  testIdentity,
	"ListsNameNamespacesAndServiceAccounts":     testListsNameNamespacesAndServiceAccounts,
	"NamespaceLife":                             testNamespaceLife,
	"NothingIsCreatedInATerminatingNamespace":   testNothingIsCreatedInATerminatingNamespace,
	"ServersThatDoNotAnswerAsKubernetes":        testServersThatDoNotAnswerAsKubernetes,
	"ServiceAccountLife":                        testServiceAccountLife,
	"ServiceAccountOfSomebodyElse":              testServiceAccountOfSomebodyElse,
	"TokenRefusals":                             testTokenRefusals,
	"TokenSaysWhoItIsFor":                       testTokenSaysWhoItIsFor,
	"TokenShowsItselfToNobody":                  testTokenShowsItselfToNobody,
}

func TestInBoth(t *testing.T) {
	for _, where := range []string{"real", emulated} {
		t.Run(where, func(t *testing.T) {
			for name, test := range inBoth {
				t.Run(name, test)
			}
		})
	}
}

const emulated = "emulated"

// cluster is the API server that a test is to use.
type cluster struct {
	Kubeconfig, NobodyKubeconfig, Issuer string

	emulated *emulator.Cluster // nil: a real one
}

// need is the cluster of a test: the emulated one below TestInBoth/emulated, else the real one.
func need(t *testing.T) cluster {
	t.Helper()
	if strings.Contains(t.Name(), "/"+emulated+"/") {
		return theEmulated(t)
	}
	c := kubetest.Need(t)
	return cluster{Kubeconfig: c.Kubeconfig, NobodyKubeconfig: c.NobodyKubeconfig, Issuer: c.Issuer}
}

var one struct {
	sync.Mutex
	cluster cluster
}

func theEmulated(t *testing.T) cluster {
	t.Helper()
	one.Lock()
	defer one.Unlock()
	if one.cluster.emulated != nil {
		return one.cluster
	}
	c, err := emulator.Start(emulator.Options{Users: []emulator.User{{Name: "admin", Groups: []string{"system:masters"}}, {Name: "nobody"}}})
	if err != nil {
		t.Fatal(err)
	}
	one.cluster = cluster{Issuer: c.Issuer, emulated: c}
	dir, err := os.MkdirTemp("", "kube-emulated-") // outlives the test that asks first
	if err != nil {
		t.Fatal(err)
	}
	for user, file := range map[string]*string{"admin": &one.cluster.Kubeconfig, "nobody": &one.cluster.NobodyKubeconfig} {
		raw, err := c.Kubeconfig("emulated", user)
		if err != nil {
			t.Fatal(err)
		}
		*file = filepath.Join(dir, user)
		if err := os.WriteFile(*file, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return one.cluster
}

// stopEmulated ends what theEmulated has started, after the last test.
func stopEmulated() {
	if one.cluster.emulated != nil {
		_ = one.cluster.emulated.Close()
		_ = os.RemoveAll(filepath.Dir(one.cluster.Kubeconfig))
	}
}

func (c cluster) clientset() (*kubernetes.Clientset, error) {
	config, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig)
	if err != nil {
		return nil, err
	}
	config.QPS = -1
	config.WarningHandlerWithContext = rest.NoWarnings{}
	return kubernetes.NewForConfig(config)
}

// allow gives a user of the emulated cluster what RBAC would.
func (c cluster) allow(user, namespace string, rules []rbacv1.PolicyRule) {
	for _, r := range rules {
		c.emulated.Allow(user, emulator.Rule{Namespace: namespace, Verbs: r.Verbs, Resources: r.Resources, Names: r.ResourceNames})
	}
}
