import NuthatchGeneration
import NuthatchModels
import Testing

/// A page that another computes is waited for, not computed twice.
@Suite struct SchedulerPageWaitTests {
    private let key = PageKey(7)

    /// Two sequences that run, of which the second waits for the first one's page.
    private func waiting(until deadline: Duration) throws -> (
        ScriptedScheduler, first: SequenceID, second: SequenceID
    ) {
        var script = try ScriptedScheduler()
        let (first, second) = (script.add(40), script.add(40))
        script.admitAll()
        #expect(script.scheduler.wait(second, for: key, until: deadline) == true)
        #expect(script.plan().map(\.sequence) == [first])
        #expect(script.scheduler.waitingReason(of: second) == .page(key, until: deadline))
        #expect(script.scheduler.nextDeadline == deadline)
        script.take()
        return (script, first, second)
    }

    @Test func aPageThatArrivesIsAttachedAndNotComputed() throws {
        var (script, _, second) = try waiting(until: .seconds(5))
        var actions: [SchedulerAction] = []
        script.scheduler.arrived(PageKey(8), into: &actions)
        #expect(actions.isEmpty)
        script.scheduler.arrived(key, into: &actions)
        #expect(actions == [.resume(second, .arrived)])
        #expect(script.scheduler.attach(second, tokenCount: 32) == true)
        #expect(script.plan() == [.init(sequence: second, firstToken: 32, tokenCount: 8, logits: .last)])
        #expect(script.scheduler.nextDeadline == nil)
    }

    @Test func whoWaitsForAnAbandonedPageComputesIt() throws {
        var (script, _, second) = try waiting(until: .seconds(5))
        var actions: [SchedulerAction] = []
        script.scheduler.abandoned(key, into: &actions)
        #expect(actions == [.resume(second, .abandoned)])
        #expect(script.plan().map(\.sequence) == [second])
    }

    @Test func nobodyWaitsPastTheDeadline() throws {
        var (script, _, second) = try waiting(until: .seconds(5))
        script.now = .milliseconds(4_999)
        #expect(script.plan().isEmpty && script.step.preparation.isEmpty)
        script.now = .seconds(5)
        #expect(script.plan().map(\.sequence) == [second])
        #expect(script.step.preparation == [.resume(second, .late)])
    }

    @Test func whoWaitsInLineLetsOthersByAndKeepsItsPlace() throws {
        var script = try ScriptedScheduler(runningCount: 1)
        let (first, second, third) = (script.add(5), script.add(5), script.add(5))
        script.scheduler.wait(first, for: key, until: .seconds(1))
        #expect(script.admitAll() == [.admit(second, attachableTokenCount: 4)])
        var actions: [SchedulerAction] = []
        script.scheduler.arrived(key, into: &actions)
        #expect(actions == [.resume(first, .arrived)])
        script.scheduler.remove(second)
        #expect(script.admitAll() == [.admit(first, attachableTokenCount: 4)])
        #expect(script.scheduler.waitingSequences == [third])
    }

    @Test func theDeadlineAdmitsWhoWaitsInLine() throws {
        var script = try ScriptedScheduler()
        let id = script.add(5)
        script.scheduler.wait(id, for: key, until: .seconds(1))
        #expect(script.admitAll() == [])
        script.now = .seconds(1)
        #expect(script.admitAll() == [.admit(id, attachableTokenCount: 4)])
        #expect(script.plan().count == 1)
    }
}
