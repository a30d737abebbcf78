import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  authorize,
  BUILT_IN,
  type Caller,
  type Decision,
  type Grants,
  type Integration,
  type Level,
  levelOf,
  type Permission,
  type Pipeline,
  type Place,
  SCOPES,
  type Standing,
  USUAL_PERMISSIONS,
} from '#model'

const ADA = 7
const ALL = Object.keys(SCOPES)
const PERMISSIONS = [...new Set(Object.values(SCOPES).flat())].filter(
  (grant): grant is Permission => !grant.startsWith('elsewhere.'),
)

const callerWith = (scopes: readonly string[], more: object = {}, workspaces: string[] = []): Caller =>
  ({ person: { id: ADA, owner: false, ...more }, token: { scopes, workspaces } }) as unknown as Caller
const stands = (more: Partial<Standing> = {}): Standing => ({
  ...{ owner: false, admin: false, groups: [], projects: [], levels: undefined },
  ...more,
})
const workspace = { id: 1, domain: 'acme' } as Place['workspace']
const project = { id: 2, name: 'shop' } as NonNullable<Place['project']>
const pipeline = { id: 3, permissions: undefined } as Pipeline
const integration = { scope: 'workspace', permissions: USUAL_PERMISSIONS } as unknown as Integration
const levelsOf = (type: string) => BUILT_IN.find((set) => set.type === type)?.levels
const grants = (more: object): Grants => ({ others: 'default', users: [], groups: [], ...more }) as Grants

/** What this caller may do at the place, of all that there is. */
const allowedAt = (place: Place | undefined, caller = callerWith(ALL)) =>
  PERMISSIONS.filter((permission) => authorize(caller, permission, place) === 'allowed').toSorted()

describe('without standing in a workspace', () => {
  test('nothing of it is visible, whatever the token grants', () => {
    for (const permission of PERMISSIONS) {
      assert.equal(authorize(callerWith(ALL), permission, { workspace }), 'invisible')
      const elsewhere = callerWith(ALL, {}, ['other'])
      assert.equal(
        authorize(elsewhere, permission, { workspace, standing: stands({ owner: true }) }),
        'invisible',
      )
    }
  })
})

describe('a token', () => {
  test('bounds even the owner', () => {
    const place = { workspace, project, pipeline, standing: stands({ owner: true, admin: true }) }
    assert.deepEqual(allowedAt(place), PERMISSIONS.toSorted())
    assert.deepEqual(allowedAt(place, callerWith(['EXECUTION_RUN'])), [
      'identifier.read',
      'pipeline.read',
      'pipeline.run',
    ])
    assert.deepEqual(allowedAt(place, callerWith([])), [])
  })

  test('makes workspaces for the owner of all alone', () => {
    assert.equal(authorize(callerWith(ALL), 'workspace.manage'), 'forbidden')
    assert.equal(authorize(callerWith(ALL, { owner: true }), 'workspace.manage'), 'allowed')
    assert.equal(authorize(callerWith(ALL), 'token.manage'), 'allowed')
  })
})

describe('a member', () => {
  test('who is an admin may do all but rename and remove the workspace', () => {
    const place = { workspace, project, pipeline, standing: stands({ admin: true }) }
    assert.deepEqual(allowedAt(place), PERMISSIONS.filter((each) => each !== 'workspace.manage').toSorted())
  })

  test('who is none sees the workspace, its people and its integrations', () => {
    assert.deepEqual(
      allowedAt({ workspace, standing: stands() }).filter((each) => !/^(profile|token)/.test(each)),
      [
        'identifier.read',
        'integration.manage',
        'integration.read',
        'integration.use',
        'member.email',
        'member.read',
        'project.read',
        'workspace.read',
      ],
    )
    for (const permission of ['project.read', 'pipeline.read', 'team.read'] as const)
      assert.equal(
        authorize(callerWith(ALL), permission, { workspace, project, standing: stands() }),
        'invisible',
      )
  })

  test('may do in a project what their set says', () => {
    const cases: [string, Permission[]][] = [
      ['read-only', ['pipeline.read', 'team.read']],
      ['developer', ['pipeline.manage', 'pipeline.read', 'pipeline.run', 'team.read']],
      [
        'project-manager',
        [
          'pipeline.manage',
          'pipeline.read',
          'pipeline.run',
          'project.remove',
          'project.write',
          'team.manage',
          'team.read',
        ],
      ],
    ]
    for (const [type, expected] of cases) {
      const place = { workspace, project, pipeline, standing: stands({ levels: levelsOf(type) }) }
      const found = allowedAt(place).filter((each) => /^(pipeline|team|project\.(write|remove))/.test(each))
      assert.deepEqual(found, expected, type)
    }
  })

  test('may do with a pipeline what it says of them, before what their set says', () => {
    const at = (permissions: Grants, groups: number[] = []): Decision[] =>
      (['pipeline.read', 'pipeline.run', 'pipeline.manage'] as const).map((permission) =>
        authorize(callerWith(ALL), permission, {
          workspace,
          project,
          pipeline: { ...pipeline, permissions },
          standing: stands({
            levels: levelsOf('developer'),
            groups: groups as unknown as Standing['groups'],
          }),
        }),
      )
    const user = (level: string) => grants({ users: [{ id: ADA, level }] })
    assert.deepEqual(at(grants({})), ['allowed', 'allowed', 'allowed'])
    assert.deepEqual(at(user('denied')), ['invisible', 'invisible', 'invisible'])
    assert.deepEqual(at(user('read-only')), ['allowed', 'forbidden', 'forbidden'])
    assert.deepEqual(at(user('run-only')), ['allowed', 'allowed', 'forbidden'])
    assert.deepEqual(at(grants({ others: 'denied' })), ['invisible', 'invisible', 'invisible'])
    const opened = grants({ others: 'denied', groups: [{ id: 5, level: 'run-only' }] })
    assert.deepEqual(at(opened, [5]), ['allowed', 'allowed', 'forbidden'])
    assert.deepEqual(at(opened, [6]), ['invisible', 'invisible', 'invisible'])
  })
})

describe('an integration', () => {
  const at = (more: object, standing = stands()): Decision[] =>
    (['integration.read', 'integration.use', 'integration.manage'] as const).map((permission) =>
      authorize(callerWith(ALL), permission, {
        workspace,
        standing,
        integration: { ...integration, ...more } as Integration,
      }),
    )
  const permissions = (more: object) => ({ permissions: { ...USUAL_PERMISSIONS, ...more } })

  test('is used by members and changed by admins, unless it says otherwise', () => {
    assert.deepEqual(at({}), ['allowed', 'allowed', 'forbidden'])
    assert.deepEqual(at({}, stands({ admin: true })), ['allowed', 'allowed', 'allowed'])
    assert.deepEqual(at(permissions({ others: 'denied' })), ['invisible', 'invisible', 'invisible'])
    const mine = permissions({ others: 'denied', users: [{ id: ADA, level: 'manage' }] })
    assert.deepEqual(at(mine), ['allowed', 'allowed', 'allowed'])
    const held = permissions({ admins: 'use-only' })
    assert.deepEqual(at(held, stands({ admin: true })), ['allowed', 'allowed', 'forbidden'])
    assert.deepEqual(at(held, stands({ owner: true })), ['allowed', 'allowed', 'allowed'])
  })

  test('of a project is seen by those who are in it', () => {
    const scoped = { scope: 'project', projectName: 'shop' }
    assert.deepEqual(at(scoped), ['invisible', 'invisible', 'invisible'])
    assert.deepEqual(at(scoped, stands({ projects: ['shop'] })), ['allowed', 'allowed', 'forbidden'])
  })
})

describe('levels', () => {
  const LEVELS: readonly Level[] = ['denied', 'read-only', 'run-only', 'read-write']
  const level = fc.constantFrom(...LEVELS)

  test("a person's own counts before their groups', and those before everybody else's", () => {
    const named = fc.array(fc.record({ id: fc.integer({ min: 1, max: 9 }), level }), { maxLength: 5 })
    fc.assert(
      fc.property(
        level,
        named,
        named,
        fc.uniqueArray(fc.integer({ min: 1, max: 9 })),
        (others, u, g, mine) => {
          const found = levelOf(
            grants({ others, users: u, groups: g }),
            { personId: ADA as never, groups: mine as never },
            'read-only',
          )
          const own = u.find(({ id }) => id === ADA)
          const theirs = g.filter(({ id }) => mine.includes(id)).map((each) => LEVELS.indexOf(each.level))
          assert.equal(found, own?.level ?? (theirs.length > 0 ? LEVELS[Math.max(...theirs)] : others))
        },
      ),
    )
  })
})
