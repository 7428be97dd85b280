import Testing

@Suite struct HubRoomTests {}
