package emulator

func federationRoutes() []route { return nil }
