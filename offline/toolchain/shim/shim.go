// Package shim lies under the import path of the Terraform provider, for that alone may import its internal packages.
package shim

import (
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/terraform-providers/terraform-provider-docker/internal/provider"
)

// New is the Terraform provider, under the version that it reports.
func New(version string) *schema.Provider { return provider.New(version)() }
