import NuthatchCache
import NuthatchTensors

/// Where jobs find what is cached, and say what they cache.
extension EngineLoop {
    /// Gives a job what is cached of its tokens, or has it wait where somebody is computing the next page of them; where nobody
    /// is, its pages are said to be under way.
    func lookUp(_ job: EngineJob, _ id: SequenceID) {
        let sequence = job.sequence
        do {
            if job.usesPrefixes, sequence.looksForPrefixes, try lookUpShared(job, id) { return }
            try job.prepare()
        } catch {
            end(id, .failure(error))
            return
        }
        // Less than before where memory for what was found could not be had.
        if sequence.cache.tokenCount < scheduler.progress(of: id)?.computedCount ?? 0 {
            scheduler.truncate(id, to: job.tokens.count, computedCount: sequence.cache.tokenCount)
        }
        scheduler.attach(id, tokenCount: sequence.cache.tokenCount)
    }

    /// - Returns: whether it waits for another.
    private func lookUpShared(_ job: EngineJob, _ id: SequenceID) throws -> Bool {
        guard let root = job.sequence.root else { return false }
        let limit = scheduler.attachableTokenCount(of: id)
        let cache = job.sequence.cache
        let content = job.content
        let match = prefixes.store.match(content, root: root.name, plan: cache.plan, limit: limit)
        if root.isShared, limit > 0, let next = match.next {
            if let maker = prefixes.store.underWay.maker(of: next), maker != id.number {
                scheduler.wait(id, for: PageKey(next.shortKey), until: now + EnginePrefixes.patience)
                return true
            }
            announce(content, behind: match, root, cache, id)
        }
        do throws(CacheError) {
            try job.sequence.attach(to: content, match, limit: limit)
        } catch {
            // Computing takes no more memory at once than a chunk does.
            guard case .outOfMemory = error else { throw error }
        }
        if match.unusableTokenCount > 0 {
            // Where it leaves the pages that are known others may leave them too, and windows have to be there then.
            let length = cache.configuration.pageLength
            scheduler.stop(id, at: (match.tokenCount + match.unusableTokenCount) / length * length)
        }
        return false
    }

    /// Says which pages a job will make, up to one that another is making.
    private func announce(
        _ content: SequenceContent, behind match: PrefixMatch, _ root: PrefixRoot, _ cache: SequenceCache,
        _ id: SequenceID
    ) {
        let length = cache.configuration.pageLength
        let names = PageName.chain(
            behind: match.columns.last ?? root.name,
            pages: match.columns.count..<content.tokenCount / length, pageLength: length,
            tokens: content.tokens, images: content.images)
        for name in names {
            guard prefixes.store.underWay.announce(name, by: id.number) == .made else { return }
        }
    }

    /// Makes the pages that a pass filled known, and has whoever waited for them look again.
    func notePages(of job: EngineJob, _ id: SequenceID) {
        let cache = job.sequence.cache
        guard cache.hasUnnotedPages else { return }
        let names = prefixes.store.noteCommitted(cache)
        if scheduler.isStop(cache.tokenCount, of: id) { prefixes.store.noteTurnEnd(cache) }
        for name in names { scheduler.arrived(PageKey(name.shortKey), into: &resumptions) }
    }

    /// Lets others compute the pages that a job had announced.
    func abandonPages(of id: SequenceID) {
        for name in prefixes.store.underWay.abandoned(by: id.number) {
            scheduler.abandoned(PageKey(name.shortKey), into: &resumptions)
        }
    }

    /// Has those whose waits have ended look again, before the next plan.
    func resume() {
        while !resumptions.isEmpty {
            let ended = resumptions
            resumptions.removeAll(keepingCapacity: true)
            for case .resume(let id, _) in ended {
                // Those in line look when they are admitted.
                guard scheduler.isRunning(id), let job = job(id) else { continue }
                lookUp(job, id)
            }
        }
    }
}
