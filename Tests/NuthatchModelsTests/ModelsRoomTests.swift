import Testing

@Suite struct ModelsRoomTests {}
