package emulator

// perimeterReason is the ErrorInfo reason of what a VPC service perimeter refuses.
const perimeterReason = "SECURITY_POLICY_VIOLATED"

// perimeterError is such a refusal in Google's words. It names nothing but the entry in the
// log: https://docs.cloud.google.com/vpc-service-controls/docs/troubleshooting
func perimeterError(service string) *apiError {
	const uid = "wifctl-emulator_perimeter-Yx9bTq0WZ2w"
	e := newError(403, "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: %s", uid)
	e.details = []any{
		preconditionFailure{"type.googleapis.com/google.rpc.PreconditionFailure", []violation{{Type: "VPC_SERVICE_CONTROLS", Description: uid}}},
		newErrorInfo(perimeterReason, "googleapis.com", map[string]string{"uid": uid, "service": service}),
	}
	return e
}
