//! What a PromQL expression names: metrics, and the labels by which they are chosen and summed.

use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::{AggregateExpr, Expr, LabelModifier, VectorSelector, parse};
use promql_parser::util::{ExprVisitor, walk_expr};
use std::collections::BTreeSet;
use std::convert::Infallible;

/// A metric as an expression chooses it.
#[derive(Clone, Debug)]
pub struct Choice {
    pub metric: String,
    /// Each label, and its value where only one will do.
    pub labels: Vec<(String, Option<String>)>,
}

/// All that an expression names.
#[derive(Clone, Debug, Default)]
pub struct Named {
    pub choices: Vec<Choice>,
    /// Labels by which it sums or joins.
    pub groups: BTreeSet<String>,
}

/// What `expression` names.
///
/// # Errors
/// It does not parse.
pub fn named(expression: &str) -> Result<Named, String> {
    let parsed = parse(expression).map_err(|fault| format!("{expression}: {fault}"))?;
    let mut named = Named::default();
    match walk_expr(&mut named, &parsed) {
        Ok(_) => Ok(named),
        Err(impossible) => match impossible {},
    }
}

impl Named {
    fn choose(&mut self, selector: &VectorSelector) {
        let label = |matcher: &Matcher| {
            let one = matches!(matcher.op, MatchOp::Equal | MatchOp::NotEqual);
            (matcher.name.clone(), one.then(|| matcher.value.clone()))
        };
        let metric = selector.name.clone().unwrap_or_default();
        self.choices.push(Choice { metric, labels: selector.matchers.matchers.iter().map(label).collect() });
    }

    fn group(&mut self, modifier: Option<&LabelModifier>) {
        if let Some(LabelModifier::Include(labels) | LabelModifier::Exclude(labels)) = modifier {
            self.groups.extend(labels.labels.iter().cloned());
        }
    }
}

impl ExprVisitor for Named {
    type Error = Infallible;

    fn pre_visit(&mut self, expression: &Expr) -> Result<bool, Infallible> {
        if let Expr::VectorSelector(selector) = expression {
            self.choose(selector);
        } else if let Expr::MatrixSelector(matrix) = expression {
            self.choose(&matrix.vs);
        } else if let Expr::Aggregate(AggregateExpr { modifier, .. }) = expression {
            self.group(modifier.as_ref());
        } else if let Expr::Binary(binary) = expression {
            self.group(binary.modifier.as_ref().and_then(|modifier| modifier.matching.as_ref()));
        }
        Ok(true)
    }
}

#[test]
fn an_expression_tells_its_metrics_and_labels() {
    let named = named(r#"sum by (a) (rate(m_total{b="x", c=~"y|z"}[5m])) / on (d) (n offset 1h > 2)"#).unwrap();
    let metrics: Vec<&str> = named.choices.iter().map(|choice| choice.metric.as_str()).collect();
    assert_eq!(metrics, ["m_total", "n"]);
    assert_eq!(named.choices[0].labels, [("b".into(), Some("x".into())), ("c".into(), None)]);
    assert_eq!(named.groups, BTreeSet::from(["a".into(), "d".into()]));
}
