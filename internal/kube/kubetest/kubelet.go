package kubetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http/httptest"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

// Kubelet stands in for a node, and for the scheduler, in one namespace: pods that are
// made there are bound to it, get their volumes, and run as a process of this machine. It
// is a node to the API server, as system:node:NAME in system:nodes, so the Node authorizer
// and NodeRestriction hold it to what a kubelet may do: it gets a token for a pod that is
// bound to it, and for the audiences in that pod's spec.
//
// Not modelled: isolation of any kind (root folder, user, network, limits), several
// containers, init containers, probes, restarts, deadlines, rotation of tokens. Paths of
// the container are rewritten to where its volumes are, in its command, its environment
// and in the files of ConfigMaps. The API server does not have to show a certificate to
// read logs.
type Kubelet struct {
	opts    KubeletOptions
	name    string // of the node
	node    kubernetes.Interface
	admin   kubernetes.Interface
	brain   kubernetes.Interface // as system:kube-scheduler
	logs    *httptest.Server
	context context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu     sync.Mutex
	pods   map[string]context.CancelFunc // by UID, until they have ended
	output map[string]*output            // by namespace/name/container
}

// KubeletOptions describe the node.
type KubeletOptions struct {
	Namespace string
	// Images are what the registry has: of each, the folder of its programs. What is not
	// here can't be pulled.
	Images map[string]string
	// Env is added to the environment of every container, as the network of this machine is.
	Env []string
	// Unschedulable says why the scheduler finds no node. Empty: it finds this one.
	Unschedulable string
}

// StartKubelet adds a node to the cluster.
func (c *Cluster) StartKubelet(opts KubeletOptions) (*Kubelet, error) {
	k := &Kubelet{
		opts: opts, name: "node-" + strings.ToLower(rand.Text()[:8]),
		pods: map[string]context.CancelFunc{}, output: map[string]*output{},
	}
	if err := k.connect(c.Kubeconfig); err != nil {
		return nil, err
	}
	k.context, k.cancel = context.WithCancel(context.Background())
	k.logs = httptest.NewTLSServer(k.logHandler())
	if err := k.register(); err != nil {
		return nil, errors.Join(fmt.Errorf("register node %s: %w", k.name, err), k.Stop())
	}
	k.watch(k.brain, opts.Namespace, "spec.nodeName=", k.schedule)
	k.watch(k.node, "", "spec.nodeName="+k.name, k.see)
	return k, nil
}

// Die ends the node as a power cut does: what runs on it ends, and nobody tells the cluster.
func (k *Kubelet) Die() {
	k.cancel()
	k.running.Wait()
	k.logs.Close()
}

// Stop takes the node away, and ends what runs on it.
func (k *Kubelet) Stop() error {
	k.Die()
	return k.admin.CoreV1().Nodes().Delete(context.Background(), k.name, metav1.DeleteOptions{})
}

func (k *Kubelet) connect(kubeconfig string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	config.QPS, config.WarningHandlerWithContext = -1, rest.NoWarnings{}
	config.UserAgent = "kubelet-stand-in"
	as := func(user string, groups ...string) (client *kubernetes.Clientset) {
		own := rest.CopyConfig(config)
		own.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: groups}
		var failed error
		client, failed = kubernetes.NewForConfig(own)
		err = errors.Join(err, failed)
		return client
	}
	k.admin = as("")
	k.node = as("system:node:"+k.name, "system:nodes", "system:authenticated")
	k.brain = as("system:kube-scheduler", "system:authenticated")
	return err
}

// register creates the Node, as the node itself, and says where its logs are read.
func (k *Kubelet) register() error {
	nodes := k.node.CoreV1().Nodes()
	node, err := nodes.Create(k.context, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: k.name}}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	at := k.logs.Listener.Addr().(*net.TCPAddr) //nolint:errcheck // httptest listens on TCP
	node.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: at.IP.String()}}
	node.Status.DaemonEndpoints.KubeletEndpoint.Port = int32(at.Port) //nolint:gosec // a port fits
	_, err = nodes.UpdateStatus(k.context, node, metav1.UpdateOptions{})
	return err
}

// watch tells of every pod that a field selector matches, at each change.
func (k *Kubelet) watch(client kubernetes.Interface, namespace, fields string, tell func(*corev1.Pod)) {
	seen := func(obj any) {
		if p, ok := obj.(*corev1.Pod); ok {
			tell(p.DeepCopy())
		}
	}
	selected := func(o *metav1.ListOptions) { o.FieldSelector = fields }
	_, pods := cache.NewInformerWithOptions(cache.InformerOptions{
		ListerWatcher: cache.NewFilteredListWatchFromClient(client.CoreV1().RESTClient(), "pods", namespace, selected),
		ObjectType:    &corev1.Pod{},
		Handler:       cache.ResourceEventHandlerFuncs{AddFunc: seen, UpdateFunc: func(_, obj any) { seen(obj) }},
	})
	k.running.Go(func() { pods.RunWithContext(k.context) })
}
