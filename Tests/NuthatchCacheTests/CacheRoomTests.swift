import Testing

@Suite struct CacheRoomTests {}
