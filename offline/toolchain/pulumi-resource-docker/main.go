// Command pulumi-resource-docker is the Docker provider for Pulumi, bridged from the Terraform provider
// kreuzwerker/docker as the official one is.
//
// The official provider is not published as a Go module that can be downloaded. For every resource but the native
// docker.Image this one behaves as pulumi-docker 5.2 does, so that the same program runs with either: images are built
// with docker.RemoteImage(build=...), which both have.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfgen"
	shimv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"github.com/terraform-providers/terraform-provider-docker/shim"
)

const (
	name = "docker"
	// version is the release of pulumi-docker whose resources and Python SDK this provider matches.
	version = "5.2.0"
	// upstreamVersion is the release of the Terraform provider of which the module's commit is a successor.
	upstreamVersion = "4.5.0"
	// longestName is the bound on names that the provider makes up: <logical name>-<7 hex digits>.
	longestName = 255
)

// resource maps a Terraform resource to docker:index/<typeName>:<TypeName>, as the official provider names it.
func resource(typeName string) *tfbridge.ResourceInfo {
	module := strings.ToLower(typeName[:1]) + typeName[1:]
	return &tfbridge.ResourceInfo{Tok: tokens.Type(token(module, typeName))}
}

// function maps a Terraform data source to docker:index/<functionName>:<functionName>.
func function(functionName string) *tfbridge.DataSourceInfo {
	return &tfbridge.DataSourceInfo{Tok: tokens.ModuleMember(token(functionName, functionName))}
}

func token(module, member string) string {
	return name + ":index/" + module + ":" + member
}

func field(fieldName string) *tfbridge.SchemaInfo {
	return &tfbridge.SchemaInfo{Name: fieldName}
}

// container keeps the names of two list fields, which the bridge would make plural, and the official default of the
// replacement order.
func container() *tfbridge.ResourceInfo {
	info := resource("Container")
	info.DeleteBeforeReplace = true
	info.Fields = map[string]*tfbridge.SchemaInfo{
		"command":           field("command"),
		"networks_advanced": field("networksAdvanced"),
	}
	return info
}

// remoteImage has no made-up name: its name says what to pull.
func remoteImage() *tfbridge.ResourceInfo {
	info := resource("RemoteImage")
	info.Fields = map[string]*tfbridge.SchemaInfo{"name": field("name")}
	return info
}

func provider() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:       shimv2.NewProvider(shim.New(upstreamVersion)),
		Name:    name,
		Version: version,
		Config: map[string]*tfbridge.SchemaInfo{
			"host": {Default: &tfbridge.DefaultInfo{
				EnvVars: []string{"DOCKER_HOST"},
				Value:   "unix:///var/run/docker.sock",
			}},
			"registry_auth": {Name: "registryAuth", MaxItemsOne: tfbridge.False()},
		},
		Resources: map[string]*tfbridge.ResourceInfo{
			"docker_buildx_builder": resource("BuildxBuilder"),
			"docker_config":         resource("ServiceConfig"),
			"docker_container":      container(),
			"docker_image":          remoteImage(),
			"docker_network":        resource("Network"),
			"docker_plugin":         resource("Plugin"),
			"docker_registry_image": resource("RegistryImage"),
			"docker_secret":         resource("Secret"),
			"docker_service":        resource("Service"),
			"docker_tag":            resource("Tag"),
			"docker_volume":         resource("Volume"),
		},
		DataSources: map[string]*tfbridge.DataSourceInfo{
			"docker_image":                    function("getRemoteImage"),
			"docker_logs":                     function("getLogs"),
			"docker_network":                  function("getNetwork"),
			"docker_plugin":                   function("getPlugin"),
			"docker_registry_image":           function("getRegistryImage"),
			"docker_registry_image_manifests": function("getRegistryImageManifests"),
		},
		MetadataInfo: tfbridge.NewProviderMetadata([]byte("{}")),
	}
	info.SetAutonaming(longestName, "-")
	return info
}

// printSchema writes the package schema, for a comparison with the official one.
func printSchema(info tfbridge.ProviderInfo) error {
	sink := diag.DefaultSink(os.Stderr, os.Stderr, diag.FormatOptions{Color: colors.Never})
	schema, err := tfgen.GenerateSchema(info, sink)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(schema)
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "schema" {
		if err := printSchema(provider()); err != nil {
			fmt.Fprintln(os.Stderr, "error:", err)
			os.Exit(1)
		}
		return
	}
	tfbridge.Main(name, version, provider(), []byte(`{"name":"docker","version":"`+version+`"}`))
}
