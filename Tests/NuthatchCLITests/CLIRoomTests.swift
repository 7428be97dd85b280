import Testing

@Suite struct CLIRoomTests {}
