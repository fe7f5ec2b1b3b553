package emulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"path"
	"reflect"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// decode reads the body into a value of the kind gvk
// (https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation).
func (c *call) decode(gvk schema.GroupVersionKind, into any) error {
	raw, err := c.jsonBody(into)
	if err != nil {
		return err
	}
	var head metav1.TypeMeta
	if err := kjson.UnmarshalCaseSensitivePreserveInts(raw, &head); err != nil {
		return apierrors.NewBadRequest(fmt.Sprintf("the object provided is unrecognized (must be of type %s): couldn't get version/kind; json parse error: %v (%x)", gvk.Kind, err, raw[:min(len(raw), 1024)]))
	}
	version := or(head.APIVersion, gvk.GroupVersion().String())
	cannot := func(err error) error {
		return apierrors.NewBadRequest(fmt.Sprintf("%s in version %q cannot be handled as a %s: %v", or(head.Kind, gvk.Kind), path.Base(version), gvk.Kind, err))
	}
	if version != gvk.GroupVersion().String() {
		return cannot(fmt.Errorf("no kind %q is registered for version %q", or(head.Kind, gvk.Kind), version))
	}
	if head.Kind != "" && head.Kind != gvk.Kind {
		return cannot(fmt.Errorf("converting (v1.%s) to (core.%s): unknown conversion", head.Kind, gvk.Kind))
	}
	return c.decodeStrictly(raw, into, cannot)
}

// decodeStrictly treats unknown and double fields as fieldValidation says.
func (c *call) decodeStrictly(raw []byte, into any, cannot func(error) error) error {
	strict, err := kjson.UnmarshalStrict(raw, into)
	if err != nil {
		return cannot(err)
	}
	switch c.query.Get("fieldValidation") {
	case metav1.FieldValidationStrict:
		if len(strict) > 0 {
			return cannot(runtime.NewStrictDecodingError(strict))
		}
	case metav1.FieldValidationIgnore:
	default:
		for _, e := range strict {
			c.warn(e.Error())
		}
	}
	return nil
}

// jsonBody is the body as JSON; into is of the type that it is read to.
func (c *call) jsonBody(into any) ([]byte, error) {
	media, _, err := mime.ParseMediaType(or(c.r.Header.Get("Content-Type"), "application/json"))
	switch {
	case err == nil && media == "application/json":
		return c.body, nil
	case err == nil && media == "application/yaml":
		raw, err := yaml.YAMLToJSON(c.body)
		if err != nil {
			return nil, apierrors.NewBadRequest(fmt.Sprintf("couldn't get version/kind; %v", err))
		}
		return raw, nil
	case err == nil && media == runtime.ContentTypeProtobuf:
		return protobufBody(c.body, into)
	}
	return nil, unsupportedMedia(runtime.ContentTypeJSON, runtime.ContentTypeYAML, runtime.ContentTypeProtobuf)
}

// protobufPrefix begins every object of Kubernetes in protobuf
// (https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding).
var protobufPrefix = []byte("k8s\x00")

// protobufBody is what client-go's typed clients send, as JSON. They take JSON for an
// answer.
func protobufBody(body []byte, into any) ([]byte, error) {
	envelope, isIt := bytes.CutPrefix(body, protobufPrefix)
	value := reflect.New(reflect.TypeOf(into).Elem()).Interface()
	message, known := value.(interface{ Unmarshal([]byte) error })
	o, isObject := value.(runtime.Object)
	var unknown runtime.Unknown
	switch {
	case !isIt || !known || !isObject:
		return nil, apierrors.NewBadRequest("the body of the request is not an object of Kubernetes in protobuf")
	case unknown.Unmarshal(envelope) != nil || message.Unmarshal(unknown.Raw) != nil:
		return nil, apierrors.NewBadRequest("the body of the request is damaged")
	}
	o.GetObjectKind().SetGroupVersionKind(unknown.GroupVersionKind())
	return json.Marshal(o)
}

// unsupportedMedia refuses a body's form.
func unsupportedMedia(supported ...string) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: 415, Reason: metav1.StatusReasonUnsupportedMediaType,
		Message: "the body of the request was in an unknown format - accepted media types include: " + strings.Join(supported, ", "),
	}}
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
