// Lists the types of kube-apiserver's schemes by reflection, as JSON. See tools/generate_gotypes.py.
package main

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"

	apiext "k8s.io/apiextensions-apiserver/pkg/apiserver"
	"k8s.io/apimachinery/pkg/runtime"
	agg "k8s.io/kube-aggregator/pkg/apiserver/scheme"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/admission/install"
	_ "k8s.io/kubernetes/pkg/apis/admissionregistration/install"
	_ "k8s.io/kubernetes/pkg/apis/apiserverinternal/install"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/authentication/install"
	_ "k8s.io/kubernetes/pkg/apis/authorization/install"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	_ "k8s.io/kubernetes/pkg/apis/certificates/install"
	_ "k8s.io/kubernetes/pkg/apis/coordination/install"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	_ "k8s.io/kubernetes/pkg/apis/discovery/install"
	_ "k8s.io/kubernetes/pkg/apis/events/install"
	_ "k8s.io/kubernetes/pkg/apis/extensions/install"
	_ "k8s.io/kubernetes/pkg/apis/flowcontrol/install"
	_ "k8s.io/kubernetes/pkg/apis/imagepolicy/install"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	_ "k8s.io/kubernetes/pkg/apis/node/install"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
	_ "k8s.io/kubernetes/pkg/apis/rbac/install"
	_ "k8s.io/kubernetes/pkg/apis/scheduling/install"
	_ "k8s.io/kubernetes/pkg/apis/storage/install"
)

type field struct {
	Name, JSON, Type string
	Embedded         bool
}

type description struct {
	Str, Kind, Elem string
	Fields          []field
}

var found = map[string]*description{}

func walk(t reflect.Type) {
	key := t.PkgPath() + "." + t.Name()
	if t.Name() != "" {
		if t.PkgPath() == "" || found[key] != nil {
			return
		}
		found[key] = &description{Str: t.String(), Kind: t.Kind().String()}
	}
	switch t.Kind() {
	case reflect.Ptr, reflect.Slice, reflect.Map, reflect.Array:
		if t.Name() != "" {
			found[key].Elem = t.Elem().String()
		}
		walk(t.Elem())
	case reflect.Struct:
		for i := 0; i < t.NumField(); i++ {
			f := t.Field(i)
			name := strings.Split(f.Tag.Get("json"), ",")[0]
			found[key].Fields = append(found[key].Fields, field{f.Name, name, f.Type.String(), f.Anonymous})
			walk(f.Type)
		}
	}
}

func main() {
	for _, scheme := range []*runtime.Scheme{legacyscheme.Scheme, apiext.Scheme, agg.Scheme} {
		for _, t := range scheme.AllKnownTypes() {
			walk(t)
		}
	}
	json.NewEncoder(os.Stdout).Encode(map[string]interface{}{"types": found})
}
