import Testing

@Suite struct TensorsRoomTests {}
