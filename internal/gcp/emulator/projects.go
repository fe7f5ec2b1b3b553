package emulator

func projectRoutes() []route { return nil }
