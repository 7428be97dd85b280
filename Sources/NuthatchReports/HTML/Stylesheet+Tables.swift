extension Stylesheet {
    /// Tables, and score matrices, which are tables too.
    static let tables = """
        table { border-collapse: separate; border-spacing: 0; font-size: 0.9375rem; line-height: 1.3125rem; }
        caption {
          padding-bottom: 0.625rem; text-align: left; font-weight: 650; caption-side: top;
        }
        /* A caption stays where its table scrolls. */
        caption span {
          position: sticky; left: 0; display: inline-block; max-width: min(100%, calc(100vw - 2rem));
        }
        th, td { padding: 0.5rem 0.625rem; text-align: left; vertical-align: baseline; white-space: pre-wrap; overflow-wrap: break-word; }
        th:first-child, td:first-child { padding-left: 0.125rem; }
        thead th {
          border-bottom: 2px solid var(--strong-rule); vertical-align: bottom; color: var(--muted);
          font-size: 0.8125rem; line-height: 1.125rem; font-weight: 600;
        }
        tbody th, tbody td { border-bottom: 1px solid var(--rule); }
        tbody th { font-weight: 500; min-width: 6rem; max-width: 18rem; }
        .scroll > table > tbody > tr > th:first-child, .scroll > table > thead > tr > :first-child {
          position: sticky; left: 0; z-index: 1; background: var(--page);
        }
        /* What lies between pixels is the header's. */
        .scroll > table > thead > tr > :first-child { z-index: 2; }
        @media (max-width: 699px) { tbody th { max-width: 8.5rem; } }
        .number { text-align: right; }
        td.number { white-space: nowrap; }
        .scroll > table { min-width: min(100%, 24rem); }
        @media (min-width: 900px) {
          figure.matrix { display: inline-block; max-width: 100%; min-width: 20rem; margin-right: 4rem; vertical-align: top; }
          .matrix figcaption { contain: inline-size; }
        }
        .matrix .legend { margin-bottom: 0.75rem; }
        .matrix table { width: max-content; min-width: 0; border-spacing: 3px; }
        .matrix thead th, .matrix tbody th {
          border: 0; padding: 0.25rem 0.5rem; min-width: 2.5rem; max-width: 8rem;
          color: var(--ink); font-size: 0.875rem; font-weight: 500;
        }
        .matrix thead th { text-align: center; }
        .matrix tbody th { text-align: right; }
        .matrix td { border: 0; }
        .matrix td.cell {
          position: relative; min-width: 3.25rem; padding: 0.5rem 0.375rem; text-align: center;
          white-space: nowrap; border-radius: 3px;
        }
        .cell .sign { margin-right: 0.3em; font-size: 0.75em; }
        .cell.computed { background: var(--new); color: var(--new-ink); }
        .cell.again {
          background: repeating-linear-gradient(135deg, var(--again) 0 5px, var(--again-line) 5px 7px);
        }
        .cell.reused { background: var(--cached); color: var(--ink); }
        .cell.reused .sign { font-size: 1em; font-weight: 700; }
        .cell.masked { box-shadow: inset 0 0 0 1px var(--rule); }
        .legend .cell {
          display: inline-grid; place-items: center; width: 1.75rem; height: 1.25rem; margin-right: 0.5rem;
          border-radius: 3px; font-size: 0.75rem; line-height: 1;
        }
        @media (max-width: 699px) {
          .matrix td.cell { min-width: 2.75rem; padding: 0.5rem 0.1875rem; font-size: 0.8125rem; }
          .matrix thead th, .matrix tbody th { padding: 0.25rem; }
          .matrix table { border-spacing: 2px; }
          .cell .sign { margin-right: 0.2em; font-size: 0.875em; }
        }
        @media print {
          td.number { white-space: normal; }
          .matrix td.cell { box-shadow: inset 0 0 0 1px var(--rule); background: none; color: inherit; }
          .matrix td.computed { font-weight: 700; }
        }

        """
}
