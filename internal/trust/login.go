package trust

import (
	"slices"
	"strings"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/shell"
	"github.com/wifctl/wifctl/internal/wif"
)

// What to do about a login that Google does not take.

// noSuchAccount is what to do where the account to act as is not there, or is of another project.
func (t *Trust) noSuchAccount(email string) pipeline.Remedy {
	_, domain, _ := strings.Cut(email, "@")
	project, isGSA := strings.CutSuffix(domain, wif.GSADomain)
	if !isGSA || strings.Contains(project, ".") {
		project = t.projectName()
	}
	return remedy("WIF123", "there is no service account "+email+", so your login may not act as it: is the name right? These are the project's",
		gcloud("iam", "service-accounts", "list", "--project="+project))
}

// otherQuotaProject is what to do about a quota project that is not there or not ours to use: that
// of the login or, where one was given, of the flag.
func (t *Trust) otherQuotaProject() pipeline.Remedy {
	const flag = "--quota-project"
	i := slices.Index(t.cfg.Flags, flag)
	if i < 0 {
		return remedy("WIF124", "the quota project of your login cannot be used", gcloud("auth", "application-default", "set-quota-project", t.projectName()))
	}
	var run []string
	for _, command := range t.again() {
		run = append(run, strings.Replace(command, shell.Line(t.cfg.Flags[i:i+2]...), shell.Line(flag, t.projectName()), 1))
	}
	return remedy("WIF124", "project "+t.cfg.Flags[i+1]+" of "+flag+" is not there, or you may not use it (roles/serviceusage.serviceUsageConsumer); name another, or none", run...)
}

// tokenCause is what is the matter with an access token in a file.
func tokenCause(reason gcp.Reason, file string) string {
	if reason == gcp.NoCredentials {
		return "there is no access token to be read in " + file
	}
	return "the access token in " + file + " has expired or is not accepted"
}

// federatedLogin is what to do where the login of a job or a pod, which has no key, is refused.
func (t *Trust) federatedLogin(e *gcp.Error, who gcp.Login) pipeline.Remedy {
	switch {
	case e.Service != "":
		return remedy("WIF123", "the login itself takes an API that is not enabled; this enables it",
			gcloud("services", "enable", e.Service, "--project="+or(e.Project, t.projectName())))
	case e.Resource == "": // it was not asked for
	case e.Resource == who.Provider:
		return remedy("WIF123", "the provider of this login does not take the token that it was given, which may be of another branch, job or pod; this shows what it takes",
			gcloud("iam", "workload-identity-pools", "providers", "describe", who.Provider))
	case e.Resource == who.Account:
		return remedy("WIF123", "the provider of this login takes its token, but "+who.Account+" lets nobody of that name act as it, or not yet: what was granted is enforced within minutes. This shows whom it lets",
			gcloud("iam", "service-accounts", "get-iam-policy", who.Account))
	}
	return remedy("WIF123", "the credential_source of "+who.File+" says where the token of this login should come from, and it does not come")
}

// loginCause is what is the matter with a login, by the reason of the refusal.
var loginCause = map[gcp.Reason]string{
	gcp.NoCredentials: "there is no Google login, or none that can be read",
	gcp.LoginExpired:  "the Google login has expired, or was revoked",
	gcp.NotLoggedIn:   "Google does not accept the login",
}
