import Testing

@Suite struct CheckpointsRoomTests {}
