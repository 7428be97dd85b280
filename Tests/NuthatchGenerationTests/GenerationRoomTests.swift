import Testing

@Suite struct GenerationRoomTests {}
