// The build tag keeps this out of every build: it only makes go.mod require MailHog itself.
//go:build tools

package mailhog

import _ "github.com/mailhog/MailHog"
