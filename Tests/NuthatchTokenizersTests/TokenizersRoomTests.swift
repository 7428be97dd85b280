import Testing

@Suite struct TokenizersRoomTests {}
